"""Holds the job files of deploy/nomad to the job specification that Nomad documents: which blocks may stand where, what
each may say, and what has to fit together. No `nomad` is asked, as none can be had from Debian.

usage: nomad_jobs.py SOURCE_DIR [BUILD_DIR]
"""

import re
import sys
from pathlib import Path

import hcl
import source_tree

STRING, NUMBER, BOOL, STRINGS, TIME, MAP = "a string", "a number", "true or false", "a list of strings", "a time", "a map"

# Of each block: what it may say, and the blocks that may stand in it. A block that is a map takes any name.
BLOCKS = {
    "file": ({}, "variable job"),
    "variable": ({"type": None, "default": None, "description": STRING}, ""),
    "job": ({"datacenters": STRINGS, "type": ("service", "batch", "system", "sysbatch"), "priority": NUMBER, "region": STRING,
             "namespace": STRING, "node_pool": STRING, "all_at_once": BOOL},
            "group update migrate constraint affinity spread meta reschedule vault"),
    "group": ({"count": NUMBER, "shutdown_delay": TIME, "stop_after_client_disconnect": TIME, "max_client_disconnect": TIME},
              "task network service update migrate restart reschedule constraint affinity spread meta ephemeral_disk volume "
              "scaling consul vault"),
    "update": ({"max_parallel": NUMBER, "health_check": ("checks", "task_states", "manual"), "min_healthy_time": TIME,
                "healthy_deadline": TIME, "progress_deadline": TIME, "auto_revert": BOOL, "auto_promote": BOOL,
                "canary": NUMBER, "stagger": TIME}, ""),
    "migrate": ({"max_parallel": NUMBER, "health_check": ("checks", "task_states"), "min_healthy_time": TIME,
                 "healthy_deadline": TIME}, ""),
    "restart": ({"attempts": NUMBER, "interval": TIME, "delay": TIME, "mode": ("delay", "fail"), "render_templates": BOOL}, ""),
    "reschedule": ({"attempts": NUMBER, "interval": TIME, "delay": TIME, "max_delay": TIME, "unlimited": BOOL,
                    "delay_function": ("constant", "exponential", "fibonacci")}, ""),
    "spread": ({"attribute": STRING, "weight": NUMBER}, "target"),
    "constraint": ({"attribute": STRING, "operator": STRING, "value": STRING}, ""),
    "network": ({"mode": re.compile(r"none|bridge|host|cni/.+"), "hostname": STRING}, "port dns"),
    "port": ({"static": NUMBER, "to": NUMBER, "host_network": STRING}, ""),
    "service": ({"name": re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"), "port": STRING, "provider": ("consul", "nomad"),
                 "tags": STRINGS, "canary_tags": STRINGS, "enable_tag_override": BOOL, "task": STRING, "address": STRING,
                 "address_mode": ("alloc", "auto", "driver", "host"),
                 "on_update": ("require_healthy", "ignore_warnings", "ignore")},
                "check check_restart connect meta canary_meta weights"),
    "weights": ({"passing": NUMBER, "warning": NUMBER}, ""),
    "check": ({"name": STRING, "type": ("grpc", "http", "script", "tcp"), "port": STRING, "path": STRING, "interval": TIME,
               "timeout": TIME, "method": STRING, "body": STRING, "protocol": ("http", "https"), "command": STRING,
               "args": STRINGS, "task": STRING, "tls_skip_verify": BOOL, "grpc_service": STRING, "grpc_use_tls": BOOL,
               "initial_status": ("", "passing", "warning", "critical"), "success_before_passing": NUMBER,
               "failures_before_critical": NUMBER, "address_mode": ("alloc", "driver", "host"), "expose": BOOL,
               "on_update": ("require_healthy", "ignore_warnings", "ignore")}, "check_restart header"),
    "check_restart": ({"limit": NUMBER, "grace": TIME, "ignore_warnings": BOOL}, ""),
    "task": ({"driver": ("docker",), "user": STRING, "kill_signal": re.compile("SIG[A-Z]+"), "kill_timeout": TIME,
              "shutdown_delay": TIME, "leader": BOOL},
             "config env resources template service meta constraint volume_mount logs lifecycle artifact vault"),
    "resources": ({"cpu": NUMBER, "cores": NUMBER, "memory": NUMBER, "memory_max": NUMBER}, "device"),
    "template": ({"data": STRING, "source": STRING, "destination": STRING, "change_signal": re.compile("SIG[A-Z]+"),
                  "change_mode": ("noop", "restart", "signal", "script"), "perms": STRING, "env": BOOL, "splay": TIME}, ""),
    "ephemeral_disk": ({"size": NUMBER, "sticky": BOOL, "migrate": BOOL}, ""),
    # The configuration of the docker driver.
    "config": ({**dict.fromkeys("image command hostname network_mode ipc_mode pid_mode uts_mode userns_mode work_dir load "
                                "image_pull_timeout runtime".split(), STRING),
                **dict.fromkeys("args entrypoint cap_add cap_drop dns_servers extra_hosts group_add network_aliases ports "
                                "security_opt volumes".split(), STRINGS),
                **dict.fromkeys("readonly_rootfs privileged init force_pull tty interactive auth_soft_fail".split(), BOOL),
                **dict.fromkeys("memory_hard_limit pids_limit shm_size".split(), NUMBER),
                **dict.fromkeys("labels sysctl".split(), MAP)},
               "healthchecks logging labels mount auth sysctl ulimit"),
    "healthchecks": ({"disable": BOOL}, ""),
    "logging": ({"type": STRING, "driver": STRING}, "config"),
    "mount": ({"type": ("bind", "volume", "tmpfs"), "source": STRING, "target": STRING, "readonly": BOOL},
              "bind_options tmpfs_options volume_options"),
}
MAPS = {"env", "meta", "canary_meta", "labels", "header", "sysctl"}
NEEDED = {"job": ["type"], "task": ["driver"], "check": ["type", "interval", "timeout"], "service": ["name", "port"],
          "restart": ["mode"]}
# What the docker driver lets a task have by default.
CAPABILITIES = set("audit_write chown dac_override fowner fsetid kill mknod net_bind_service setfcap setgid setpcap setuid "
                   "sys_chroot".split())
KILL_TIMEOUT_MAX_S = 30  # of a client that is not told otherwise
UNITS_S = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}
TIMES = re.compile(r"(\d+(?:ms|s|m|h))+")


def seconds(time):
    return sum(int(number) * UNITS_S[unit] for number, unit in re.findall(r"(\d+)(ms|s|m|h)", time))


def is_a(value, wanted):
    """Whether the value is of the wanted kind; what a variable stands for is not looked into."""
    if wanted is None or isinstance(value, hcl.Reference):
        return True
    if isinstance(wanted, tuple):
        return value in wanted
    if isinstance(wanted, re.Pattern):
        return isinstance(value, str) and bool(wanted.fullmatch(value))
    if wanted == NUMBER:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if wanted == TIME:
        return isinstance(value, str) and bool(TIMES.fullmatch(value))
    if wanted == STRINGS:
        return isinstance(value, list) and all(isinstance(item, (str, hcl.Reference)) for item in value)
    return isinstance(value, {STRING: str, BOOL: bool, MAP: dict}[wanted])


def said(wanted):
    if isinstance(wanted, tuple):
        return f"one of {', '.join(map(repr, wanted))}"
    return f"like {wanted.pattern}" if isinstance(wanted, re.Pattern) else wanted


def check_words(block, inside=None):
    """Unknown and misplaced words, and values of another kind than they should have."""
    is_map = block.kind in MAPS or (block.kind == "config" and inside == "logging")
    if is_map or block.kind not in BLOCKS:
        return
    attributes, blocks = BLOCKS[block.kind]
    for name, (value, line) in block.attributes.items():
        if name not in attributes:
            yield f"{line}: {block.kind} has no {name}"
        elif not is_a(value, attributes[name]):
            yield f"{line}: {name} should be {said(attributes[name])}, and is {value!r}"
    for name in NEEDED.get(block.kind, []):
        if name not in block.attributes:
            yield f"{block.line}: {block.kind} says no {name}"
    for inner in block.blocks:
        if inner.kind not in blocks.split():
            yield f"{inner.line}: no {inner.kind} may stand in {block.kind}"
        else:
            yield from check_words(inner, block.kind)


def check_update(job, update):
    if job.get("type") == "system":
        for name in set(update.attributes) - {"max_parallel", "stagger"}:
            yield f"{update.line}: of a system job's update only max_parallel and stagger count, not {name}"
        return
    if "stagger" in update.attributes:
        yield f"{update.line}: stagger is of system jobs"
    times = [update.get(name) for name in ("min_healthy_time", "healthy_deadline", "progress_deadline")]
    for shorter, longer in zip(times, times[1:]):
        if shorter and longer and seconds(shorter) >= seconds(longer):
            yield f"{update.line}: {shorter} of update should be less than {longer}"
    if update.get("auto_promote") and not update.get("canary"):
        yield f"{update.line}: auto_promote without a canary"


def check_check(check, service, ports):
    for name in ("interval", "timeout"):
        if isinstance(check.get(name), str) and seconds(check.get(name)) < 1:
            yield f"{check.line}: {name} of a check is at least 1s"
    if check.get("type") == "http" and not str(check.get("path", "")).startswith("/"):
        yield f"{check.line}: a check by http has a path"
    if "port" in check.attributes and check.get("port") not in ports:
        yield f"{check.line}: there is no port {check.get('port')!r} in the network of the group"
    if check.one("check_restart") and not (service.get("task") or check.get("task")):
        yield f"{check.line}: check_restart needs to know the task"


def check_service(job, service, ports, tasks):
    if service.get("port") not in ports:
        yield f"{service.line}: there is no port {service.get('port')!r} in the network of the group"
    if service.get("task") and service.get("task") not in tasks:
        yield f"{service.line}: there is no task {service.get('task')!r} in the group"
    checks = service.all("check")
    if not checks:
        yield f"{service.line}: service {service.get('name')!r} has no check"
    if len(checks) > 1 and not all(check.get("name") for check in checks):
        yield f"{service.line}: of several checks each has a name"
    if "canary_tags" in service.attributes and job.get("type") != "service":
        yield f"{service.line}: canary_tags are of service jobs"
    for check in checks:
        yield from check_check(check, service, ports)


def check_task(task, ports):
    config = task.one("config")
    if not config or "image" not in config.attributes:
        yield f"{task.line}: a task of the docker driver has a config with an image"
        return
    if seconds(task.get("kill_timeout", "5s")) > KILL_TIMEOUT_MAX_S:
        yield f"{task.line}: a client cuts kill_timeout to {KILL_TIMEOUT_MAX_S}s, if it is not told otherwise"
    for name in config.get("ports", []):
        if name not in ports:
            yield f"{config.line}: there is no port {name!r} in the network of the group"
    for capability in config.get("cap_add", []):
        if capability.lower() not in CAPABILITIES:
            yield f"{config.line}: the docker driver does not let a task have {capability}"
    if config.get("network_mode") == "host" and config.get("ports"):
        yield f"{config.line}: on the network of the host no port is mapped"


def check_group(job, group):
    network = group.one("network")
    ports = {port.labels[0]: port for port in network.all("port") if port.labels} if network else {}
    tasks = [task.labels[0] for task in group.all("task") if task.labels]
    if not tasks:
        yield f"{group.line}: a group has a task"
    if job.get("type") == "system":
        for kind in ("spread", "affinity", "migrate", "reschedule", "scaling"):
            if group.one(kind) or job.one(kind):
                yield f"{group.line}: a system job has no {kind}"
    for port in ports.values():
        if "static" in port.attributes and job.get("type") != "system":
            yield f"{port.line}: static ports are for system jobs: two of a group cannot stand on one node"
    for service in group.all("service"):
        yield from check_service(job, service, ports, tasks)
    for task in group.all("task"):
        yield from check_task(task, ports)
    for update in group.all("update"):
        yield from check_update(job, update)
    for name in re.findall(r"\$\{NOMAD_(?:PORT|ADDR|IP)_(\w+)\}", str(group)):
        if name not in ports:
            yield f"{group.line}: there is no port {name!r} in the network of the group"


def check_variables(top, text):
    declared = {variable.labels[0] for variable in top.all("variable")}
    used = set(re.findall(r"\bvar\.(\w+)", re.sub(r"#[^\n]*", "", text)))
    for name in sorted(used - declared):
        yield f"1: var.{name} is declared nowhere"
    for name in sorted(declared - used):
        yield f"1: variable {name!r} is not used"


def check_job(job):
    if len(job.labels) != 1:
        yield f"{job.line}: a job has one name"
    if not job.all("group"):
        yield f"{job.line}: a job has a group"
    for update in job.all("update"):
        yield from check_update(job, update)
    for group in job.all("group"):
        yield from check_group(job, group)


def check(text):
    """What is wrong with a job file, each as "LINE: …"."""
    try:
        top = hcl.parse(text)
    except hcl.Fault as fault:
        return [str(fault)]
    problems = list(check_words(top))
    jobs = top.all("job")
    if len(jobs) != 1:
        return [*problems, "1: a file has one job"]
    return [*problems, *check_variables(top, text), *check_job(jobs[0])]


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    folder = Path(sys.argv[1]) / "deploy" / "nomad"
    files = sorted(folder.glob("*.nomad.hcl"))
    problems = [f"deploy/nomad/{file.name}:{problem}" for file in files for problem in check(file.read_text(encoding="utf-8"))]
    return source_tree.report(problems, f"{len(files)} job files are as Nomad documents them")


if __name__ == "__main__":
    sys.exit(main())
