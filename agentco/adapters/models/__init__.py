"""How models are asked: one module for each way of speaking to them."""
