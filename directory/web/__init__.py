"""What every page shares: frame, style, security headers, error pages, who may reach them."""
