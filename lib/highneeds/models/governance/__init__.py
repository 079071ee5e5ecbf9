"""What votes, surveys, risks and actions amount to: sums over small counts, with what they leave open."""
