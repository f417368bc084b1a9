#include "lb/run/confine.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lb/base/memory.h"
#include "lb/certs/certs_reach.h"
#include "lb/jail/jail.h"

static void add(struct confine *paths, struct view path, bool is_written)
{
    if (paths->count >= CONFINE_PATHS_MAX)
        return;
    paths->paths[paths->count].path = memory_copy(path.ptr, path.len);
    paths->paths[paths->count++].is_written = is_written;
}

/* The length of what stands before the last "/"; 0: there is none. */
static size_t folder_len(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (size_t)(slash - path) : 0;
}

/* Folders of the system (hier(7)) on the first floor: other files in them are not lb's. */
static bool is_of_system(struct view folder)
{
    static const char *const names[] = {
        "/bin", "/boot", "/dev",  "/etc", "/home", "/lib", "/lib32", "/lib64", "/media", "/mnt",
        "/opt", "/proc", "/root", "/run", "/sbin", "/srv", "/sys",   "/tmp",   "/usr",   "/var"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (view_eq(folder, view_str(names[i])))
            return true;
    return folder.len == 0;
}

/* Editors put another file in the place of the one that was read: its folder is allowed as a whole, such as /etc/lb, or
 * /config in a container. */
static void add_read(struct confine *paths, const char *path)
{
    if (!path)
        return;
    size_t len = folder_len(path);
    struct view folder = view_of(path, len);
    bool is_deep = len > 0 && memchr(path + 1, '/', len - 1);
    bool is_own = is_deep || (path[0] == '/' && !is_of_system(folder));
    add(paths, is_own ? folder : view_str(path), false);
}

/* Its file is renamed, and made anew. */
static void add_written(struct confine *paths, const char *path)
{
    if (!path)
        return;
    size_t len = folder_len(path);
    if (len > 0 || path[0] == '/')
        add(paths, view_of(path, len > 0 ? len : 1), true);
    else
        add(paths, VIEW("."), true);
}

static bool has_file(const char *access_log)
{
    return strcmp(access_log, "-") != 0 && strcmp(access_log, "off") != 0;
}

static void add_folder(void *owner, struct view folder)
{
    add(owner, folder, false);
}

/* Whom the system trusts, for backends by https: public, and read when one is verified. Not /etc/ssl, which has private
 * keys, too. */
static void add_authorities(struct confine *paths)
{
    static const char *const folders[] = {"/etc/ssl/certs",
                                          "/etc/ssl/cert.pem",
                                          "/etc/ssl/openssl.cnf",
                                          "/usr/share/ca-certificates",
                                          "/usr/local/share/ca-certificates",
                                          "/etc/pki/tls/certs",
                                          "/etc/pki/ca-trust/extracted"};
    static const char *const variables[] = {"SSL_CERT_FILE", "SSL_CERT_DIR"};
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
        add(paths, view_str(folders[i]), false);
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
        const char *path = getenv(variables[i]);
        if (path && path[0])
            add(paths, view_str(path), false);
    }
}

static void list(struct confine *paths, const struct config *config)
{
    add_authorities(paths);
    add_read(paths, config->config_path);
    add_read(paths, config->admin_token_file);
    add_read(paths, config->sticky_secret_file);
    add_read(paths, config->tls.ticket_keys_file);
    add_read(paths, config->report.dsn_file);
    if (config->htpasswd_dir)
        add(paths, view_str(config->htpasswd_dir), false);
    if (config->error_pages_dir)
        add(paths, view_str(config->error_pages_dir), false);
    for (unsigned i = 0; i < config->https.webroot_count; i++)
        add(paths, view_str(config->https.webroots[i]), false);
    if (config->backend_certificates)
        add(paths, view_str(config->backend_certificates), false);
    if (config->acme.email)
        add(paths, view_str(config->acme.folder), false);
    for (unsigned i = 0; i < config->certificate_dir_count; i++)
        certs_reach_list(config->certificate_dirs[i], add_folder, paths);
    if (config->acme.email)
        add(paths, view_str(config->acme.folder), false);
    for (unsigned i = 0; i < config->error_page_count; i++)
        add_read(paths, config->error_pages[i].path);
    add_written(paths, config->state_path);
    if (has_file(config->access_log))
        add_written(paths, config->access_log);
}

static enum jail_mode mode_of(const struct config *config)
{
    static const enum jail_mode modes[] = {[CONFIG_JAIL_STRICT] = JAIL_STRICT,
                                           [CONFIG_JAIL_LOG] = JAIL_LOG,
                                           [CONFIG_JAIL_OFF] = JAIL_OFF};
    return modes[config->jail];
}

static void note_inodes(struct confine *confine)
{
    struct stat facts;
    for (unsigned i = 0; i < confine->count; i++)
        if (stat(confine->paths[i].path, &facts) == 0) {
            confine->paths[i].device = facts.st_dev;
            confine->paths[i].inode = facts.st_ino;
        }
}

bool confine_enter(struct confine *confine, const struct config *config, struct text *problem)
{
    struct jail_path paths[CONFINE_PATHS_MAX];
    list(confine, config);
    note_inodes(confine);
    for (unsigned i = 0; i < confine->count; i++)
        paths[i] = (struct jail_path){.path = confine->paths[i].path,
                                      .is_written = confine->paths[i].is_written};
    struct jail_options options = {
        .mode = mode_of(config), .paths = paths, .path_count = confine->count};
    confine->is_locked = options.mode == JAIL_STRICT;
    return jail_enter(&options, problem);
}

/* Of the certificates that the operator names, and of those that lb-acme gets. */
static bool has_keys(const struct config *config)
{
    return config->certificate_dir_count > 0 || config->acme.email;
}

bool confine_reads_keys(const struct config *config)
{
    return has_keys(config) && jail_restricts_files(mode_of(config));
}

void confine_append_state(const struct config *config, struct text *out)
{
    jail_append_state(mode_of(config), out);
}

static bool has(const struct confine *confine, const char *path, bool is_written)
{
    for (unsigned i = 0; i < confine->count; i++)
        if (strcmp(confine->paths[i].path, path) == 0 &&
            (confine->paths[i].is_written || !is_written))
            return true;
    return false;
}

/* A folder that was deleted and made anew is another one for the jail. Of what cannot be looked at nothing is known. */
static const char *find_other(const struct confine *confine)
{
    struct stat facts;
    for (unsigned i = 0; i < confine->count; i++)
        if (stat(confine->paths[i].path, &facts) == 0 &&
            (facts.st_ino != confine->paths[i].inode || facts.st_dev != confine->paths[i].device))
            return confine->paths[i].path;
    return NULL;
}

bool confine_covers(const struct confine *confine, const struct config *next, struct text *lack)
{
    struct confine wanted = {0};
    bool covers = true;
    list(&wanted, next);
    for (unsigned i = 0; covers && confine->is_locked && i < wanted.count; i++) {
        covers = has(confine, wanted.paths[i].path, wanted.paths[i].is_written);
        if (!covers)
            text_appendf(lack, "the jail does not let it into %s", wanted.paths[i].path);
    }
    confine_fini(&wanted);
    const char *other = covers && confine->is_locked ? find_other(confine) : NULL;
    if (other)
        text_appendf(lack, "%s was made anew, and the jail does not know it", other);
    return covers && !other;
}

void confine_fini(struct confine *confine)
{
    while (confine->count > 0)
        free(confine->paths[--confine->count].path);
}
