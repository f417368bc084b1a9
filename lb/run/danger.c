#include "lb/run/danger.h"

#include "lb/base/log.h"

static void append_deadlines(const struct config *config, struct text *lines)
{
    const struct {
        const char *flag;
        unsigned ms;
    } deadlines[] = {
        {"--head-timeout", config->head_timeout_ms},
        {"--idle-timeout", config->idle_timeout_ms},
        {"--last-connect-timeout", config->policy.last_connect_timeout_ms},
        {"--response-timeout", config->policy.response_timeout_ms},
        {"--body-timeout", config->policy.body_timeout_ms},
        {"--discovery-timeout", config->discovery_timeout_ms},
        {"--shutdown-grace", config->shutdown_grace_ms},
    };
    struct text off = TEXT_INIT;
    for (unsigned i = 0; i < sizeof(deadlines) / sizeof(deadlines[0]); i++)
        if (deadlines[i].ms == 0)
            text_appendf(&off, "%s%s", off.len > 0 ? ", " : "", deadlines[i].flag);
    if (off.len > 0)
        text_appendf(lines, "off: %s; what stands still there is waited for without end\n",
                     text_str(&off));
    text_fini(&off);
}

static void append_tls(const struct config *config, struct text *lines)
{
    bool has_listener = config->tls.listen_count + config->tls.also_count > 0;
    bool has_certificates = config->certificate_dir_count > 0 || config->acme.email;
    if (has_listener && !has_certificates)
        text_append_str(
            lines, "--listen-tls has no certificate to show, so each handshake fails but those "
                   "that are passed on; name a directory of them (--certificates), or get them "
                   "(--acme)\n");
    if (has_certificates && !has_listener)
        text_appendf(lines,
                     "%s is set, but nothing listens for TLS; add --listen-tls, for example "
                     "--listen-tls 443\n",
                     config->acme.email ? "--acme" : "--certificates");
}

static void append_exposed(const char *flag, const char *path, bool is_exposed, struct text *lines)
{
    if (is_exposed)
        text_appendf(lines, "--%s: others than its owner may read %s; chmod 600, or 400\n", flag,
                     path);
}

void danger_append_exposed(const struct config *config, struct text *lines)
{
    append_exposed("admin-token-file", config->admin_token_file, config->admin_token_is_exposed,
                   lines);
    append_exposed("tls-ticket-keys", config->tls.ticket_keys_file,
                   config->tls.ticket_keys_are_exposed, lines);
    append_exposed("sentry-dsn-file", config->report.dsn_file, config->report.dsn_is_exposed,
                   lines);
}

void danger_append(const struct config *config, struct text *lines)
{
    append_deadlines(config, lines);
    append_tls(config, lines);
}

void danger_tell(const struct config *config)
{
    struct text lines = TEXT_INIT;
    danger_append(config, &lines);
    for (struct view rest = text_view(&lines), line; rest.len > 0;) {
        line = view_cut(&rest, '\n');
        log_warn("%.*s", (int)line.len, line.ptr);
    }
    text_fini(&lines);
}
