"""One module per ``smp`` command; each is imported only when it runs, and answers an exit code."""
