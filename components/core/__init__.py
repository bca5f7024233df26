"""What all components share: the contract, names, tags and the shape of their outputs."""
