"""Learning platforms: what they let one download goes in, what they let one upload comes out. By ids, never by order."""
