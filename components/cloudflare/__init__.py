"""Components on Cloudflare: object storage and the edge."""
