"""Compares the read model with MySQL, figure by figure, country by country, day by day (P 3, risks)."""
