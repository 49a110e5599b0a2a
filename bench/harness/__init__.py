"""What bench/compare, memory, growth and expire share: servers, loading, CPU accounting, tables, charts.

Python's standard library, redis-benchmark and taskset are all that is needed.
"""
