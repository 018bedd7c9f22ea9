"""Parts that several published networks share."""
