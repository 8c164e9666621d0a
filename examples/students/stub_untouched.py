"""The release as it was downloaded: nothing is written, nothing answered."""
