"""What a worker notices besides its steps: what happens now and then, and what the allocator holds."""
