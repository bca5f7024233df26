"""The program: configuration and composition. Nothing else in the project imports this package."""
