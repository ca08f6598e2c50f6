bind = "127.0.0.1:9998"
workers = 1
worker_class = "uvicorn.workers.UvicornWorker"
