#include "lb/admin/certificates_page.h"

#include <stdlib.h>

#include "lb/base/clock.h"
#include "lb/base/memory.h"
#include "lb/base/shown.h"
#include "lb/certs/certs_expiry.h"

#define NAMES_SHOWN 5u

/* ---- words ------------------------------------------------------------------------------------------ */

static const char *stage_word(const struct tls_identity_facts *facts, int64_t now_s)
{
    static const char *const words[] = {"valid", "runs out soon", "runs out now", "over"};
    return facts->not_before_s > now_s ? "not valid yet" : words[certs_expiry_stage(facts, now_s)];
}

static const char *type_word(enum tls_key_type type)
{
    return type == TLS_KEY_RSA ? "RSA" : "ECDSA";
}

static void append_time(struct text *out, int64_t time_s)
{
    char stamp[CLOCK_TEXT_BYTES];
    text_append_str(out, clock_format_second(time_s, stamp));
}

static void append_left(struct text *out, int64_t left_s)
{
    long long days = left_s / 86400, hours = left_s / 3600;
    if (left_s <= 0)
        text_append_str(out, "over");
    else if (days >= 2)
        text_appendf(out, "%lld days left", days);
    else
        text_appendf(out, "%lld hours left", hours);
}

static void append_names(struct text *out, const struct tls_identity *identity)
{
    unsigned count = tls_identity_name_count(identity);
    for (unsigned i = 0; i < count && i < NAMES_SHOWN; i++) {
        text_append_str(out, i > 0 ? ", " : "");
        text_append(out, tls_identity_name(identity, i));
    }
    if (count > NAMES_SHOWN)
        text_appendf(out, " and %u more", count - NAMES_SHOWN);
}

/* "live/a.test/fullchain.pem (ECDSA 256) for a.test, by R10, until 2027-01-02T03:04:05Z (58 days left)" */
static void append_identity(struct text *out, const struct tls_host *host, enum tls_key_type type,
                            int64_t now_s)
{
    const struct tls_identity *identity = host->identities[type];
    const struct tls_identity_facts *facts = tls_identity_facts(identity);
    shown_append(out, host->places[type]);
    text_appendf(out, " (%s %u) for ", type_word(type), facts->key_bits);
    append_names(out, identity);
    if (facts->is_self_signed) {
        text_append_str(out, ", signed by itself");
    } else {
        text_append_str(out, ", by ");
        text_append(out, facts->issuer);
    }
    if (facts->not_before_s > now_s) {
        text_append_str(out, ", not valid yet, from ");
        append_time(out, facts->not_before_s);
    }
    text_append_str(out, ", until ");
    append_time(out, facts->not_after_s);
    text_append_str(out, " (");
    append_left(out, facts->not_after_s - now_s);
    text_append_char(out, ')');
}

/* ---- JSON ------------------------------------------------------------------------------------------- */

static void field_view(struct json_writer *json, const char *key, struct view value)
{
    json_writer_key(json, key);
    json_writer_string(json, value);
}

static void field_time(struct json_writer *json, const char *key, int64_t time_s)
{
    struct text stamp = TEXT_INIT;
    append_time(&stamp, time_s);
    field_view(json, key, text_view(&stamp));
    text_fini(&stamp);
}

static void write_fields(struct json_writer *json, const struct certificates_page *page,
                         const struct tls_choice *choice, enum tls_key_type type)
{
    const struct tls_host *host = choice->host;
    const struct tls_identity *identity = host->identities[type];
    const struct tls_identity_facts *facts = tls_identity_facts(identity);
    field_view(json, "name", host->file_name);
    field_view(json, "file", host->places[type]);
    json_writer_key(json, "names");
    json_writer_begin_array(json);
    for (unsigned i = 0; i < tls_identity_name_count(identity); i++)
        json_writer_string(json, tls_identity_name(identity, i));
    json_writer_end_array(json);
    json_writer_field_str(json, "key", type_word(type));
    json_writer_field_uint(json, "key_bits", facts->key_bits);
    field_view(json, "subject", facts->subject);
    field_view(json, "issuer", facts->issuer);
    json_writer_field_bool(json, "self_signed", facts->is_self_signed);
    json_writer_field_uint(json, "chain", facts->chain_count);
    field_view(json, "sha256", facts->fingerprint);
    field_time(json, "not_before", facts->not_before_s);
    field_time(json, "not_after", facts->not_after_s);
    json_writer_field_str(json, "state", stage_word(facts, page->now_s));
    json_writer_field_bool(json, "default", host->is_default);
    json_writer_field_bool(json, "shown", certs_expiry_is_shown(page->picture->store, host, type));
    json_writer_field_bool(json, "client_ca", choice->client_ca != NULL);
}

static void write_identity(struct json_writer *json, const struct certificates_page *page,
                           const struct tls_host *host, enum tls_key_type type)
{
    json_writer_begin_object(json);
    write_fields(json, page, &(struct tls_choice){host, host->client_ca}, type);
    json_writer_end_object(json);
}

static bool is_on_page(const struct certificates_page *page, unsigned index)
{
    return index >= page->from && index - page->from < page->count_max;
}

static void write_hosts(struct json_writer *json, const struct certificates_page *page)
{
    const struct tls_store *store = page->picture->store;
    for (unsigned i = 0; i < tls_store_count(store); i++)
        for (enum tls_key_type type = 0; is_on_page(page, i) && type < TLS_KEY_TYPE_COUNT; type++)
            if (tls_store_at(store, i)->identities[type])
                write_identity(json, page, tls_store_at(store, i), type);
}

struct shown_identity {
    const struct tls_host *host;
    enum tls_key_type type;
    int64_t not_after_s;
    unsigned number; /* in the order of the names */
};

static int compare_ends(const void *one, const void *other)
{
    const struct shown_identity *a = one, *b = other;
    if (a->not_after_s != b->not_after_s)
        return a->not_after_s < b->not_after_s ? -1 : 1;
    return a->number < b->number ? -1 : 1;
}

static unsigned find_shown(const struct tls_store *store, struct shown_identity *found)
{
    unsigned count = 0;
    for (unsigned i = 0; i < tls_store_count(store); i++) {
        const struct tls_host *host = tls_store_at(store, i);
        for (enum tls_key_type type = 0; type < TLS_KEY_TYPE_COUNT; type++)
            if (host->identities[type] && certs_expiry_is_shown(store, host, type)) {
                int64_t end_s = tls_identity_facts(host->identities[type])->not_after_s;
                found[count] = (struct shown_identity){host, type, end_s, count};
                count++;
            }
    }
    return count;
}

static void write_soonest(struct json_writer *json, const struct certificates_page *page)
{
    const struct tls_store *store = page->picture->store;
    size_t room = (size_t)tls_store_count(store) * TLS_KEY_TYPE_COUNT + 1;
    struct shown_identity *found = memory_new(room * sizeof(*found));
    unsigned count = find_shown(store, found);
    qsort(found, count, sizeof(*found), compare_ends);
    for (unsigned i = 0; i < count; i++)
        if (is_on_page(page, i))
            write_identity(json, page, found[i].host, found[i].type);
    free(found);
}

static void write_faults(struct json_writer *json, const struct certs_picture *picture)
{
    for (unsigned i = 0; i < picture->fault_count; i++) {
        const struct certs_fault *fault = &picture->faults[i];
        json_writer_begin_object(json);
        field_view(json, "file", fault->path);
        field_view(json, "problem", fault->why);
        json_writer_field_bool(json, "previous_in_use", fault->has_old);
        field_time(json, "since", fault->since_s);
        json_writer_end_object(json);
    }
}

static void write_order(struct json_writer *json, const struct acme_order *order)
{
    json_writer_begin_object(json);
    json_writer_key(json, "names");
    json_writer_begin_array(json);
    for (unsigned i = 0; i < order->name_count; i++)
        json_writer_string(json, order->names[i]);
    json_writer_end_array(json);
    field_view(json, "state", order->state);
    if (order->not_after_s > 0)
        field_time(json, "not_after", order->not_after_s);
    if (order->next_s > 0)
        field_time(json, "next", order->next_s);
    if (order->problem.len > 0)
        field_view(json, "problem", order->problem);
    json_writer_end_object(json);
}

static void write_orders(struct json_writer *json, const struct acme_orders *orders)
{
    for (unsigned i = 0; i < orders->count; i++)
        write_order(json, &orders->orders[i]);
}

void certificates_page_write_json(const struct certificates_page *page, struct text *out)
{
    const struct certs_picture *picture = page->picture;
    struct json_writer json;
    json_writer_init(&json, out);
    json_writer_begin_object(&json);
    json_writer_field_uint(&json, "count", picture ? tls_store_count(picture->store) : 0);
    json_writer_field_uint(&json, "refused_count", picture ? picture->refused_count : 0);
    if (picture) {
        json_writer_field_uint(&json, "reads", picture->read_count);
        field_time(&json, "changed", picture->changed_s);
    }
    json_writer_key(&json, "certificates");
    json_writer_begin_array(&json);
    if (picture && page->is_soonest_first)
        write_soonest(&json, page);
    else if (picture)
        write_hosts(&json, page);
    json_writer_end_array(&json);
    json_writer_key(&json, "refused");
    json_writer_begin_array(&json);
    if (picture)
        write_faults(&json, picture);
    json_writer_end_array(&json);
    json_writer_key(&json, "acme");
    json_writer_begin_array(&json);
    write_orders(&json, page->orders);
    json_writer_end_array(&json);
    json_writer_end_object(&json);
    text_append_char(out, '\n');
}

/* ---- text ------------------------------------------------------------------------------------------- */

static void write_order_line(const struct acme_order *order, struct text *out)
{
    text_append_str(out, "acme: ");
    for (unsigned i = 0; i < order->name_count && i < NAMES_SHOWN; i++) {
        text_append_str(out, i > 0 ? ", " : "");
        text_append(out, order->names[i]);
    }
    if (order->name_count > NAMES_SHOWN)
        text_appendf(out, " and %u more", order->name_count - NAMES_SHOWN);
    text_append_str(out, ": ");
    text_append(out, order->state);
    if (order->not_after_s > 0) {
        text_append_str(out, ", until ");
        append_time(out, order->not_after_s);
    }
    if (order->next_s > 0) {
        text_append_str(out, "; next try or renewal at ");
        append_time(out, order->next_s);
    }
    if (order->problem.len > 0) {
        text_append_str(out, ": ");
        text_append(out, order->problem);
    }
    text_append_char(out, '\n');
}

void certificates_page_write_text(const struct certificates_page *page, struct text *out)
{
    const struct certs_picture *picture = page->picture;
    for (unsigned i = 0; picture && i < tls_store_count(picture->store); i++) {
        const struct tls_host *host = tls_store_at(picture->store, i);
        for (enum tls_key_type type = 0; is_on_page(page, i) && type < TLS_KEY_TYPE_COUNT; type++) {
            if (!host->identities[type])
                continue;
            append_identity(out, host, type, page->now_s);
            if (!certs_expiry_is_shown(picture->store, host, type))
                text_append_str(out, "; shown to nobody, as another one is");
            text_append_str(out, host->is_default ? "; the default\n" : "\n");
        }
    }
    for (unsigned i = 0; picture && i < picture->fault_count; i++) {
        shown_append(out, picture->faults[i].path);
        text_append_str(out, ": ");
        shown_append(out, picture->faults[i].why);
        text_append_str(out, picture->faults[i].has_old ? "; the one before stays in use\n" : "\n");
    }
    for (unsigned i = 0; i < page->orders->count; i++)
        write_order_line(&page->orders->orders[i], out);
    if (out->len == 0)
        text_append_str(out, picture ? "No certificate is there.\n"
                                     : "No certificate is known: give --certificates DIR.\n");
}

/* Of what a client is shown that asks for a host. */
struct host_answer {
    struct tls_choice choice; /* no host: nothing, or it is not to be told */
    enum tls_match match;
    struct https_rule rule; /* that holds for the host */
};

static const char *why_default(const struct https_rule *rule)
{
    if (rule->method == HTTPS_NOHTTPS)
        return "it is the default, as this host is served by http alone (nohttps)";
    if (rule->certificate.len > 0)
        return "it is the default, as that which its route names is not there";
    return "it is the default, as there is none for this name";
}

static void append_why(struct text *out, const struct host_answer *answer)
{
    static const char *const words[] = {[TLS_MATCH_NONE] = "",
                                        [TLS_MATCH_EXACT] = "it is the one of this name",
                                        [TLS_MATCH_WILDCARD] = "a wildcard in it is for this name",
                                        [TLS_MATCH_PARENT_FILE] =
                                            "its file is called as the host one label above",
                                        [TLS_MATCH_ROUTE] = "its route names it (certificate)",
                                        [TLS_MATCH_DEFAULT] = ""};
    text_append_str(out, answer->match == TLS_MATCH_DEFAULT ? why_default(&answer->rule)
                                                            : words[answer->match]);
}

static void write_fault_lines(const struct certs_picture *picture, const struct tls_host *host,
                              struct text *out)
{
    for (unsigned i = 0; i < picture->fault_count; i++)
        for (unsigned type = 0; type < TLS_KEY_TYPE_COUNT; type++)
            if (host->places[type].len > 0 &&
                view_eq(picture->faults[i].path, host->places[type])) {
                text_append_str(out, "certificate: a newer one is not used: ");
                shown_append(out, picture->faults[i].why);
                text_append_char(out, '\n');
            }
}

/* HOST.crt, HOST.rsa.crt, HOST.pem, HOST/fullchain.pem */
static bool is_file_of(struct view path, struct view host)
{
    struct view rest = path, part, folder = {0}, file = {0};
    while (rest.len > 0) {
        part = view_cut(&rest, '/');
        folder = file;
        file = part;
    }
    return view_eq(folder, host) ||
           (view_starts_with(file, host) && file.len > host.len && file.ptr[host.len] == '.' &&
            (view_ends_with(file, VIEW(".crt")) || view_ends_with(file, VIEW(".pem"))));
}

/* Its own file, which cannot be used; false: there is none. */
static bool write_refused(const struct certificates_page *page, struct view host, struct text *out)
{
    const struct certs_picture *picture = page->picture;
    bool is_any = false;
    for (unsigned i = 0; picture && i < picture->fault_count; i++) {
        const struct certs_fault *fault = &picture->faults[i];
        if (fault->has_old || !is_file_of(fault->path, host))
            continue;
        text_append_str(out, "certificate: ");
        shown_append(out, fault->path);
        text_append_str(out, " cannot be used: ");
        shown_append(out, fault->why);
        text_append_char(out, '\n');
        is_any = true;
    }
    return is_any;
}

/* One that is not the host's by a name is told where it is asked of a host. */
static struct host_answer find_host(const struct certificates_page *page, struct view host,
                                    bool is_told)
{
    struct host_answer answer;
    answer.choice = url_https_shown(&page->https, host, &answer.rule, &answer.match);
    bool is_by_name = answer.match != TLS_MATCH_DEFAULT && answer.match != TLS_MATCH_ROUTE;
    if (!is_told && !is_by_name)
        answer.choice = (struct tls_choice){0};
    return answer;
}

static void write_shown(const struct certificates_page *page, const struct host_answer *answer,
                        struct view host, struct text *out)
{
    const struct tls_host *shown = answer->choice.host;
    for (enum tls_key_type type = 0; type < TLS_KEY_TYPE_COUNT; type++) {
        if (!shown->identities[type])
            continue;
        text_append_str(out, "certificate: ");
        append_identity(out, shown, type, page->now_s);
        text_append_str(out, ": ");
        append_why(out, answer);
        if (!tls_identity_covers(shown->identities[type], host))
            text_append_str(out, ", and its names are others: clients are warned of it");
        text_append_str(out, answer->choice.client_ca ? "; clients are asked for a certificate\n"
                                                      : "\n");
    }
    write_fault_lines(page->picture, shown, out);
}

bool certificates_page_write_host(const struct certificates_page *page, struct view host,
                                  bool always, struct text *out)
{
    const struct acme_order *order = acme_orders_find(page->orders, host);
    struct host_answer answer = find_host(page, host, always || order);
    bool is_found = answer.choice.host != NULL;
    if (is_found)
        write_shown(page, &answer, host, out);
    bool is_refused = write_refused(
        page, answer.rule.certificate.len > 0 && always ? answer.rule.certificate : host, out);
    if (!is_found && always) {
        text_append_str(out, "certificate: the handshake is refused (unrecognized_name), as ");
        url_https_append_none(&answer.rule, out);
        text_append_char(out, '\n');
    }
    if (order)
        write_order_line(order, out);
    return is_found || order || is_refused || always;
}

static void write_match(struct json_writer *json, const struct certificates_page *page,
                        const struct host_answer *answer, enum tls_key_type type, struct view host)
{
    struct text why = TEXT_INIT;
    append_why(&why, answer);
    json_writer_begin_object(json);
    write_fields(json, page, &answer->choice, type);
    field_view(json, "why", text_view(&why));
    json_writer_field_bool(json, "covers",
                           tls_identity_covers(answer->choice.host->identities[type], host));
    json_writer_end_object(json);
    text_fini(&why);
}

bool certificates_page_write_host_json(const struct certificates_page *page, struct view host,
                                       bool always, struct json_writer *json)
{
    const struct acme_order *order = acme_orders_find(page->orders, host);
    struct host_answer answer = find_host(page, host, always || order);
    const struct tls_host *shown = answer.choice.host;
    if (!shown && !order && !always)
        return false;
    json_writer_key(json, "certificates");
    json_writer_begin_array(json);
    for (enum tls_key_type type = 0; shown && type < TLS_KEY_TYPE_COUNT; type++)
        if (shown->identities[type])
            write_match(json, page, &answer, type, host);
    json_writer_end_array(json);
    if (order) {
        json_writer_key(json, "acme");
        write_order(json, order);
    }
    return true;
}
