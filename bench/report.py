from results import PEERS
METRIC = {"body": ("cpu_ms_per_gb", "CPU ms/GB")}
def text(results, scenario):
    metric, unit = METRIC.get(scenario, ("cpu_us", "CPU us/request"))
    out=[]
    for case in results.cases(scenario):
        best = results.best_peer(scenario, case, metric)
        for name in results.names(scenario, case):
            s = results.spread(scenario, case, name, metric)
            rp = best and results.ratio(scenario, case, name, best, metric)
            rf = results.ratio(scenario, case, name, "floor", metric)
            r = lambda r: f"{r.median:.2f} ({r.least:.2f}-{r.most:.2f})" if r else "-"
            x = {m: results.spread(scenario, case, name, m) for m in ("requests_per_s","busy_cores","cpu_user_us","p99_us","errors","gb_per_s")}
            out.append(f"{case:10} {name:8} {s.median:8.2f} ({s.least:.2f}-{s.most:.2f}) {unit} peer {r(rp)} floor {r(rf)} " + " ".join(f"{k}={v.median:.2f}" for k,v in x.items() if v))
    return "\n".join(out + results.notes.get(scenario, []))
