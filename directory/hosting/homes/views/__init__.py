"""The pages of who lives in homes: for the home's staff, the area authority, the placing one."""
