"""The trusted side: runs the hidden graders, compares, diagnoses and scores. Never runs student code."""
