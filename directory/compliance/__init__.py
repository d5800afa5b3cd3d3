"""How notices are kept to: counted from both sides, compared, published, and beside DfE's table."""
