"""Components on MongoDB Atlas, beside the AWS clusters."""
