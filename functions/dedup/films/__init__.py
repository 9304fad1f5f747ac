"""Do two moving creatives show and sound the same, or is one a stretch of the other?"""
