#include "lb/run/preflight.h"

#include <errno.h>
#include <libgen.h>
#include <netdb.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lb/admin/kin.h"
#include "lb/base/memory.h"
#include "lb/config/config_faults.h"
#include "lb/config/config_socket.h"
#include "lb/net/datagram.h"
#include "lb/net/listening.h"

struct preflight {
    const struct config *config;
    struct kin_list kin;
    struct text *notes, *faults;
    bool is_good;
    bool is_running; /* in a process that serves, and may not read all that the next one may */
};

static void fail(struct preflight *preflight, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void fail(struct preflight *preflight, const char *format, ...)
{
    struct text fault = TEXT_INIT;
    va_list args;
    va_start(args, format);
    text_vappendf(&fault, format, args);
    va_end(args);
    preflight->is_good = config_faults_add(preflight->faults, &fault);
}

/* ---- ports ----------------------------------------------------------------------------------- */

static bool has_listener(const struct config_listener *all, unsigned count,
                         const struct address *at)
{
    for (unsigned i = 0; i < count; i++)
        if (address_eq(&all[i].rule.at, at))
            return true;
    return false;
}

static bool has_tls(const struct config *config, const struct address *at)
{
    for (unsigned i = 0; i < config->tls.listen_count; i++)
        if (address_eq(&config->tls.listens[i], at))
            return true;
    return false;
}

static bool listens_at(const struct config *config, const struct address *at,
                       enum service_kind kind)
{
    if (kind == SERVICE_UDP)
        return has_listener(config->udp, config->udp_count, at);
    if (config->admin_enabled && address_eq(&config->admin, at))
        return true;
    for (unsigned i = 0; i < config->listen_count; i++)
        if (address_eq(&config->listens[i], at))
            return true;
    return has_tls(config, at) || has_listener(config->tcp, config->tcp_count, at);
}

/* The lb that is to read its settings again has the port already, and this is told. */
static bool is_of_kin(struct preflight *preflight, const struct address *at, enum service_kind kind)
{
    char text[ADDRESS_TEXT_BYTES];
    for (unsigned i = 0; i < preflight->kin.count; i++) {
        const struct kin *kin = &preflight->kin.all[i];
        if (!listens_at(&kin->config, at, kind))
            continue;
        text_appendf(preflight->notes, "%s%s: the running lb, pid %d, has it",
                     preflight->notes->len > 0 ? "; " : "", address_format(at, text),
                     (int)kin->pid);
        return true;
    }
    return false;
}

static void check_port(struct preflight *preflight, const char *flag, const struct address *at,
                       enum service_kind kind)
{
    char text[ADDRESS_TEXT_BYTES];
    int rc = kind == SERVICE_UDP ? datagram_check_free(at) : listening_check_free(at);
    if (rc == 0 || (rc == -EADDRINUSE && is_of_kin(preflight, at, kind)))
        return;
    fail(preflight, "--%s: \"%s\" cannot be listened on: %s; %s", flag, address_format(at, text),
         strerror(-rc),
         rc == -EADDRINUSE
             ? "something else has it (ss -lntup shows what): end that, or choose another port"
         : rc == -EACCES
             ? "it is kept for root: choose a port from 1024 up, or allow it (CAP_NET_BIND_SERVICE, "
               "or sysctl net.ipv4.ip_unprivileged_port_start)"
             : "give an address of this machine");
}

/* Each address once. */
static void check_listeners(struct preflight *preflight, const struct config_listener *all,
                            unsigned count, enum service_kind kind)
{
    for (unsigned i = 0; i < count; i++)
        if (!has_listener(all, i, &all[i].rule.at) &&
            (kind == SERVICE_UDP || !has_tls(preflight->config, &all[i].rule.at)))
            check_port(preflight, service_kind_word(all[i].rule.kind), &all[i].rule.at, kind);
}

static void check_ports(struct preflight *preflight)
{
    const struct config *config = preflight->config;
    for (unsigned i = 0; i < config->listen_count; i++)
        check_port(preflight, "listen", &config->listens[i], SERVICE_TCP);
    for (unsigned i = 0; i < config->tls.listen_count; i++)
        check_port(preflight, "listen-tls", &config->tls.listens[i], SERVICE_TCP);
    check_listeners(preflight, config->tcp, config->tcp_count, SERVICE_TCP);
    check_listeners(preflight, config->udp, config->udp_count, SERVICE_UDP);
    if (config->admin_enabled)
        check_port(preflight, "admin", &config->admin, SERVICE_TCP);
}

/* ---- files ----------------------------------------------------------------------------------- */

/* A file that is written: itself, or the folder in which it will be made. */
static void check_written(struct preflight *preflight, const char *flag, const char *path)
{
    struct stat st;
    if (stat(path, &st) == 0) {
        if (S_ISDIR(st.st_mode))
            fail(preflight, "--%s: \"%s\" is a folder; give a file in it", flag, path);
        else if (access(path, W_OK) != 0)
            fail(preflight, "--%s: \"%s\" cannot be written: %s; let user %u write it", flag, path,
                 strerror(errno), (unsigned)geteuid());
        return;
    }
    char *copy = memory_copy(path, strlen(path));
    const char *folder = dirname(copy);
    if (access(folder, W_OK | X_OK) != 0)
        fail(preflight,
             "--%s: \"%s\" cannot be made: the folder \"%s\": %s; make it, and let user "
             "%u write there",
             flag, path, folder, strerror(errno), (unsigned)geteuid());
    free(copy);
}

/* 0, or errno. */
static int look_at(const struct preflight *preflight, const char *path, struct stat *st)
{
    if (stat(path, st) != 0)
        return errno;
    return preflight->is_running || access(path, R_OK | X_OK) == 0 ? 0 : errno;
}

static void check_directory(struct preflight *preflight, const char *flag, const char *path)
{
    struct stat st = {0};
    int error = look_at(preflight, path, &st);
    if (st.st_mode != 0 && !S_ISDIR(st.st_mode))
        fail(preflight, "--%s: \"%s\" is no directory; give the one in which they lie", flag, path);
    else if (error != 0 && !(error == EACCES && preflight->is_running))
        fail(preflight, "--%s: \"%s\": %s; %s", flag, path, strerror(error),
             error == EACCES ? "let lb's user read it" : "make it, or name another one");
}

/* That of --acme is made at the start. */
static void check_certificates(struct preflight *preflight)
{
    const struct config *config = preflight->config;
    for (unsigned i = 0; i < config->certificate_dir_count; i++)
        if (!config->acme.email || strcmp(config->certificate_dirs[i], config->acme.folder) != 0)
            check_directory(preflight, "certificates", config->certificate_dirs[i]);
}

static void check_readable(struct preflight *preflight, const char *flag, const char *path)
{
    if (path && access(path, R_OK) != 0)
        fail(preflight, "--%s: \"%s\": %s; %s", flag, path, strerror(errno),
             errno == EACCES ? "let lb's user read it" : "put it there, or name another one");
}

static void check_acme(struct preflight *preflight)
{
    const struct config *config = preflight->config;
    for (unsigned i = 0; i < config->https.webroot_count; i++)
        check_directory(preflight, "acme-webroot", config->https.webroots[i]);
    check_readable(preflight, "acme-eab-key-file", config->acme.eab_key_file);
    check_readable(preflight, "acme-ca", config->acme.ca_file);
}

static void check_pem(struct preflight *preflight, const char *flag, const char *name)
{
    const char *folder = preflight->config->backend_certificates;
    struct text path = TEXT_INIT;
    if (!name[0])
        return;
    text_appendf(&path, "%s/%s", folder ? folder : "", name);
    if (!folder)
        fail(preflight,
             "--%s: \"%s\" is a file of --backend-certificates; name the directory in which it "
             "lies by that",
             flag, name);
    else if (access(text_str(&path), R_OK) != 0)
        fail(preflight, "--%s: \"%s\" in --backend-certificates: %s; put it into %s", flag, name,
             strerror(errno), folder);
    text_fini(&path);
}

static void check_backend_tls(struct preflight *preflight)
{
    const struct config *config = preflight->config;
    if (config->backend_certificates)
        check_directory(preflight, "backend-certificates", config->backend_certificates);
    check_pem(preflight, "backend-ca", config->policy.tls.ca);
    check_pem(preflight, "backend-certificate", config->policy.tls.certificate);
}

static void check_files(struct preflight *preflight)
{
    const struct config *config = preflight->config;
    const char *log = config->access_log;
    if (log && strcmp(log, "-") != 0 && strcmp(log, "off") != 0)
        check_written(preflight, "access-log", log);
    if (config->state_path)
        check_written(preflight, "state", config->state_path);
    if (config->handover_path)
        check_written(preflight, "handover", config->handover_path);
    check_certificates(preflight);
    check_acme(preflight);
    check_backend_tls(preflight);
    if (config->htpasswd_dir)
        check_directory(preflight, "htpasswd-dir", config->htpasswd_dir);
    if (config->error_pages_dir)
        check_directory(preflight, "error-pages-dir", config->error_pages_dir);
}

/* ---- where backends come from ---------------------------------------------------------------- */

static void check_name(struct preflight *preflight, const struct config_backend *backend)
{
    struct addrinfo hints = {.ai_socktype = SERVICE_TCP}, *found = NULL;
    int rc = getaddrinfo(backend->host, NULL, &hints, &found);
    if (rc == 0)
        freeaddrinfo(found);
    else
        fail(preflight, "--backend %s:%u: the host has no address: %s; is the name "
             "right, and does this host or container know it? lb would go on asking",
             backend->host, backend->port, gai_strerror(rc));
}

static void check_discovery(struct preflight *preflight, const char *discovery)
{
    const char *path = config_socket_of(discovery);
    if (path)
        check_written(preflight, "discovery", path);
    else if (access(discovery, X_OK) != 0 && strchr(discovery, '/'))
        fail(preflight, "--discovery: \"%s\": %s; give a program that lb may start", discovery,
             strerror(errno));
}

static void check_source(struct preflight *preflight)
{
    const struct config *config = preflight->config;
    for (unsigned i = 0; i < config->backend_count; i++)
        check_name(preflight, &config->backends[i]);
    if (config->file_path && !config_socket_of(config->discovery_program) &&
        access(config->file_path, R_OK) != 0)
        fail(preflight, "--file: \"%s\": %s; %s, or name another one; lb would wait for it",
             config->file_path, strerror(errno),
             errno == EACCES ? "let lb's user read it" : "put it there");
    if (!(config->sources & CONFIG_SOURCE_STATIC) && config->discovery_program)
        check_discovery(preflight, config->discovery_program);
}

bool preflight_check(const struct config *config, struct text *notes, struct text *faults)
{
    struct preflight preflight = {
        .config = config, .notes = notes, .faults = faults, .is_good = true};
    check_files(
        &preflight); /* before kin_find, which leaves the folder that paths are meant from */
    check_source(&preflight);
    kin_find(&preflight.kin);
    check_ports(&preflight);
    kin_fini(&preflight.kin);
    return preflight.is_good;
}

bool preflight_check_running(const struct config *config, struct text *faults)
{
    struct preflight preflight = {
        .config = config, .faults = faults, .is_good = true, .is_running = true};
    check_certificates(&preflight);
    return preflight.is_good;
}
