#include "lb/admin/certificate_metrics.h"

#include <stdlib.h>

#include "lb/base/memory.h"
#include "lb/certs/certs_expiry.h"

struct ending {
    const struct tls_host *host;
    enum tls_key_type type;
    int64_t not_after_s;
};

static int compare_endings(const void *one, const void *other)
{
    const struct ending *a = one, *b = other;
    return (a->not_after_s > b->not_after_s) - (a->not_after_s < b->not_after_s);
}

/* Those that are shown to somebody. Gives. */
static struct ending *list_endings(const struct tls_store *store, size_t *count)
{
    struct ending *endings =
        memory_new((tls_store_count(store) * (size_t)TLS_KEY_TYPE_COUNT + 1) * sizeof(*endings));
    *count = 0;
    for (unsigned i = 0; i < tls_store_count(store); i++) {
        const struct tls_host *host = tls_store_at(store, i);
        for (enum tls_key_type type = 0; type < TLS_KEY_TYPE_COUNT; type++)
            if (host->identities[type] && certs_expiry_is_shown(store, host, type))
                endings[(*count)++] = (struct ending){
                    host, type, tls_identity_facts(host->identities[type])->not_after_s};
    }
    qsort(endings, *count, sizeof(*endings), compare_endings);
    return endings;
}

static void write_ending(const struct ending *ending, struct prometheus_text *writer)
{
    struct view name = ending->host->file_name, file = ending->host->places[ending->type];
    char *name_text = memory_copy(name.ptr, name.len), *file_text = memory_copy(file.ptr, file.len);
    prometheus_text_uint(writer, PROMETHEUS_LABELS({"name", name_text}, {"file", file_text}),
                         ending->not_after_s > 0 ? (uint64_t)ending->not_after_s : 0);
    free(name_text);
    free(file_text);
}

void certificate_metrics_write(const struct certs_picture *picture, struct prometheus_text *writer)
{
    size_t count;
    if (!picture)
        return;
    struct ending *endings = list_endings(picture->store, &count);
    prometheus_text_family(writer, "lb_certificate_not_after_seconds", "gauge",
                           "When a certificate that clients are shown is over, in seconds since "
                           "1970; of at most 1000, which are over first.");
    for (size_t i = 0; i < count && i < CERTIFICATE_METRICS_MAX; i++)
        write_ending(&endings[i], writer);
    free(endings);
    prometheus_text_family(writer, "lb_certificates", "gauge", "Certificates that can be shown.");
    prometheus_text_uint(writer, NULL, tls_store_count(picture->store));
    prometheus_text_family(writer, "lb_certificates_refused", "gauge",
                           "Files of certificates that cannot be used; see /certificates.");
    prometheus_text_uint(writer, NULL, picture->refused_count);
    prometheus_text_family(writer, "lb_certificate_reads_total", "counter",
                           "Certificates that were read, or read again.");
    prometheus_text_uint(writer, NULL, picture->read_count);
    prometheus_text_family(writer, "lb_certificates_changed_timestamp_seconds", "gauge",
                           "When something of the certificates changed last.");
    prometheus_text_uint(writer, NULL, (uint64_t)picture->changed_s);
}

void certificate_metrics_write_orders(const struct acme_orders *orders,
                                      struct prometheus_text *writer)
{
    static const char *const states[] = {"valid", "ordering", "waiting", "failed"};
    prometheus_text_family(writer, "lb_acme_orders", "gauge",
                           "Certificates that lb-acme is to get, by what became of them; of at "
                           "most 1000. See /certificates.");
    for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
        uint64_t count = 0;
        for (unsigned j = 0; j < orders->count; j++)
            count += view_eq(orders->orders[j].state, view_str(states[i]));
        prometheus_text_uint(writer, PROMETHEUS_LABELS({"state", states[i]}), count);
    }
}
