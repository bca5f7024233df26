"""Components on AWS: Singapore, Virginia."""
