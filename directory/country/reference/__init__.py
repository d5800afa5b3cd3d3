"""Reference data of the country: where areas lie, who borders on whom, postcodes, working days."""
