"""Asks the desk of a sidecar, and says how long it took. Called by run.sh, with libpq's variables set."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

VIGIL = sys.argv[1]
RATE = int(os.environ.get("RATE", "100"))
SECONDS = int(os.environ.get("SECONDS_EACH", "30"))
CLIENTS = int(os.environ.get("CLIENTS", "1000"))


def psql(statement):
    return subprocess.run(["psql", "-XAtqc", statement], check=True, capture_output=True, text=True).stdout.strip()


def quantile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(share * len(values)))]


def resident(process):
    with open(f"/proc/{process.pid}/status") as file:
        return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS"))


def head(path, token):
    return f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n".encode()


async def exchange(connection, request):
    """Sends a request on a kept connection, and reads the whole answer; returns status and size."""
    reader, writer = connection
    writer.write(request)
    answer = await reader.readuntil(b"\r\n\r\n")
    size = int(re.search(rb"content-length: (\d+)", answer.lower()).group(1))
    await reader.readexactly(size)
    return int(answer.split(b" ", 2)[1]), size


async def steady(port, path, token):
    """Latencies at a steady rate, each from the moment at which the request was due (open loop)."""
    free = asyncio.Queue()
    for _ in range(16):
        free.put_nowait(await asyncio.open_connection("127.0.0.1", port))
    latencies, statuses = [], set()
    request = head(path, token) + b"\r\n"

    async def one(due):
        connection = await free.get()
        status, size = await exchange(connection, request)
        latencies.append((time.perf_counter() - due) * 1000)
        statuses.add((status, size // 1000))
        free.put_nowait(connection)

    await asyncio.gather(*[one(time.perf_counter()) for _ in range(50)])
    latencies.clear()
    start, tasks = time.perf_counter(), []
    for number in range(RATE * SECONDS):
        due = start + number / RATE
        await asyncio.sleep(max(0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(one(due)))
    await asyncio.gather(*tasks)
    return latencies, statuses


async def watch(port, token, process, socket):
    """A number of clients that watch: what they cost, and when an event has reached all of them."""
    before = resident(process)
    path = "/api/ai/events/socket" if socket else "/api/ai/events"
    fields = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" \
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" if socket else b""
    clients = []
    for number in range(CLIENTS):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head(path, token[number % len(token)]) + fields + b"\r\n")
        clients.append((reader, writer))
        if number % 100 == 99:
            await asyncio.sleep(0.2)
    for reader, _ in clients:
        await reader.readuntil(b"\r\n\r\n")
    await asyncio.sleep(2)
    arrivals = [asyncio.create_task(reader.readuntil(b"metrics:anomaly:resolved")) for reader, _ in clients]
    start = time.perf_counter()
    psql("UPDATE vigil.anomalies SET is_active = false, resolved_at = clock_timestamp(), last_detected = clock_timestamp() "
         "WHERE id = (SELECT id FROM vigil.anomalies WHERE is_active LIMIT 1)")
    committed = time.perf_counter()
    await asyncio.gather(*arrivals)
    end = time.perf_counter()
    during = resident(process)
    for _, writer in clients:
        writer.close()
    await asyncio.sleep(2)
    print(f"{CLIENTS} clients by {'WebSocket' if socket else 'server-sent events'}: {before:.0f} MB before, {during:.0f} MB with them "
          f"({during - before:+.0f}); an event reached all {1000 * (end - committed):.0f} ms after its COMMIT")


def wrk(port, path, tokens):
    """Requests a second of 16 connections; tokens take turns, since each has its own limit."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write("local tokens = {" + ",".join(f'"{token}"' for token in tokens) + "}\nlocal at = 0\n"
                     "request = function()\n at = at % #tokens + 1\n"
                     ' return wrk.format("GET", nil, {["Authorization"] = "Bearer " .. tokens[at]})\nend\n')
        script.flush()
        done = subprocess.run(["wrk", "-t1", "-c16", "-d10s", "--latency", "-s", script.name, f"http://127.0.0.1:{port}{path}"],
                              check=True, capture_output=True, text=True).stdout
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", done)
    return "; ".join([re.search(r"Requests/sec: +(\S+)", done).group(1) + " requests/s",
                      "p50 " + re.search(r"50% +(\S+)", done).group(1), "p99 " + re.search(r"99% +(\S+)", done).group(1)]
                     + ([f"{failed.group(1)} refused"] if failed else []))


async def main():
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen([VIGIL, "run", "--dsn", "", "--http", "127.0.0.1:0"], stderr=log, stdout=log)
        try:
            port = None
            while port is None:
                await asyncio.sleep(0.2)
                if process.poll() is not None:
                    log.seek(0)
                    sys.exit(log.read())
                log.seek(0)
                found = re.search(r"http=127\.0\.0\.1:(\d+)", log.read())
                port = found and int(found.group(1))
            while int(psql("SELECT count(*) FROM vigil.feed_health WHERE sidecar_alive AND lag_rows = 0")) == 0:
                await asyncio.sleep(0.5)
            await asyncio.sleep(5)
            tokens = [psql(f"SELECT vigil.create_token('bench {number}', 'reader')") for number in range(64)]
            anomaly = psql("SELECT id FROM vigil.anomalies_open LIMIT 1")
            paths = [("bare server", "/healthz"), ("list", "/api/ai/anomalies"), ("one", f"/api/ai/anomaly/{anomaly}"),
                     ("list, filtered", "/api/ai/anomalies?severity=critical&type=temporal")]
            print(f"{os.environ['ANOMALIES']} anomalies, {RATE} requests/s for {SECONDS} s")
            for name, path in paths:
                latencies, statuses = await steady(port, path, tokens[0])
                print(f"{name}: p50 {quantile(latencies, 0.5):.2f} ms, p99 {quantile(latencies, 0.99):.2f} ms, "
                      f"most {max(latencies):.1f} ms {sorted(statuses)}", flush=True)
            if shutil.which("wrk"):
                for name, path in paths:
                    print(f"wrk, 16 connections, {name}: {wrk(port, path, tokens)}", flush=True)
            for socket in (False, True):
                await watch(port, tokens, process, socket)
        finally:
            process.terminate()
            process.wait()


asyncio.run(main())
