"""What past races say of a race's rates, before anybody says more; may import estimate and data.archive."""
