"""Past chambers forecast whole: their seats and districts, and half a night, beside what came and what rivals said."""
