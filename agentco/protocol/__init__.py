"""How departments call and review one another."""
