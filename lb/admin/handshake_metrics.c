#include "lb/admin/handshake_metrics.h"

static void write_end(const struct handshakes *handshakes, enum handshake_end end,
                      struct prometheus_text *writer)
{
    static const char *const good[] = {[HANDSHAKE_FULL] = "ok", [HANDSHAKE_RESUMED] = "resumed"};
    const char *result = end <= HANDSHAKE_RESUMED ? good[end] : "failed";
    prometheus_text_uint(writer,
                         PROMETHEUS_LABELS({"result", result}, {"reason", handshakes_word(end)}),
                         counter_get(&handshakes->ends[end]));
}

void handshake_metrics_write(const struct handshakes *handshakes, struct prometheus_text *writer)
{
    static const char *const versions[] = {
        [HANDSHAKE_TLS12] = "TLSv1.2", [HANDSHAKE_TLS13] = "TLSv1.3"};
    prometheus_text_family(writer, "lb_tls_handshakes_total", "counter",
                           "TLS handshakes with clients: full, by a ticket of an earlier one, or "
                           "failed for a reason.");
    for (unsigned end = 0; end < HANDSHAKE_END_COUNT; end++)
        write_end(handshakes, (enum handshake_end)end, writer);
    prometheus_text_family(writer, "lb_tls_connections_total", "counter",
                           "Connections of clients by TLS, by its version.");
    for (unsigned i = 0; i < HANDSHAKE_VERSION_COUNT; i++)
        prometheus_text_uint(writer, PROMETHEUS_LABELS({"version", versions[i]}),
                             counter_get(&handshakes->versions[i]));
    prometheus_text_family(writer, "lb_tls_handshakes_running", "gauge",
                           "TLS handshakes with clients that are under way.");
    prometheus_text_uint(writer, NULL, counter_get(&handshakes->running_count));
    prometheus_text_family(writer, "lb_tls_handshakes_waiting", "gauge",
                           "Clients that wait for their turn to shake hands (--max-handshakes).");
    prometheus_text_uint(writer, NULL, counter_get(&handshakes->waiting_count));
}
