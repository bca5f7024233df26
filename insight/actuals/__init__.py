"""What a month did cost, from the providers' own exports in FOCUS form (M§13, M§14.8).

``focus`` reads the files, ``spend`` says what was read, ``report`` holds it against estimate and budget.
"""
