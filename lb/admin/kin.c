#include "lb/admin/kin.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lb/config/config_load.h"

#define FILE_MAX_BYTES (1u << 20)
#define WORD_COUNT_MAX 4096u

extern char **environ;

/* NUL-separated words of /proc: "a\0b\0". */
struct words {
    struct text bytes;
    char **list; /* ends with NULL */
    unsigned count;
};

static bool read_file(pid_t pid, const char *name, struct text *out)
{
    char path[64], piece[4096];
    ssize_t got;
    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    while (out->len < FILE_MAX_BYTES && (got = read(fd, piece, sizeof(piece))) > 0)
        text_append(out, view_of(piece, (size_t)got));
    close(fd);
    return true;
}

static bool read_words(pid_t pid, const char *name, struct words *words)
{
    *words = (struct words){.bytes = TEXT_INIT};
    if (!read_file(pid, name, &words->bytes) || words->bytes.len == 0)
        return false;
    words->list = calloc(WORD_COUNT_MAX + 1, sizeof(char *));
    char *at = words->bytes.bytes, *end = at + words->bytes.len;
    for (; words->list && at < end && words->count < WORD_COUNT_MAX; at += strlen(at) + 1)
        words->list[words->count++] = at;
    return words->list != NULL;
}

static void words_fini(struct words *words)
{
    text_fini(&words->bytes);
    free(words->list);
}

/* The value of a line such as "Uid:\t0\t0\t0\t0". */
static struct view find_line(const struct text *status, const char *name)
{
    struct view rest = text_view(status);
    while (rest.len > 0) {
        struct view value = view_cut(&rest, '\n');
        if (view_eq(view_cut(&value, ':'), view_str(name)))
            return view_trim(value);
    }
    return view_of(NULL, 0);
}

static bool is_own_user(struct view uids)
{
    uint64_t effective;
    view_cut(&uids, '\t');
    return view_parse_u64(view_cut(&uids, '\t'), UINT32_MAX, &effective) &&
           (geteuid() == 0 || effective == geteuid());
}

/* By what everybody may read: a program of our name and user, in our namespace of processes. */
static bool is_like_us(pid_t pid, struct view own_name)
{
    struct text status = TEXT_INIT;
    bool is_like = false;
    if (read_file(pid, "status", &status)) {
        struct view state = find_line(&status, "State");
        is_like = view_eq(find_line(&status, "Name"), own_name) && state.len > 0 &&
                  state.ptr[0] != 'Z' && is_own_user(find_line(&status, "Uid")) &&
                  view_find(find_line(&status, "NSpid"), '\t') < 0;
    }
    text_fini(&status);
    return is_like;
}

/* False only where it is known to be another one. */
static bool shares_network(pid_t pid)
{
    char path[64];
    struct stat ours, theirs;
    snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
    return stat("/proc/self/ns/net", &ours) != 0 || stat(path, &theirs) != 0 ||
           (ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev);
}

static bool has_admin_of(const struct kin_list *list, const struct config *config)
{
    for (unsigned i = 0; i < list->count; i++)
        if (list->all[i].config.admin_enabled && config->admin_enabled &&
            address_eq(&list->all[i].config.admin, &config->admin))
            return true;
    return false;
}

/* Who asks, and from where. */
struct asker {
    struct text bytes;
    struct view name; /* of the masters: lb */
    int folder;       /* -1: unknown */
};

/* Its paths are meant from its own folder; where that is not shown, as its process may not be looked at, from the asker's,
 * as for docker exec. What cannot be read now, such as a file of settings that is being changed, leaves the defaults. */
static void add(struct kin_list *list, pid_t pid, const struct asker *asker,
                const struct words *args, char *const *env)
{
    struct kin *kin = &list->all[list->count];
    enum config_action action;
    struct text faults = TEXT_INIT;
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/cwd", (int)pid);
    if (chdir(path) != 0 && fchdir(asker->folder) != 0 && chdir("/") != 0)
        return;
    *kin = (struct kin){.pid = pid};
    config_load((int)args->count, args->list, env, &kin->config, &action, &faults);
    kin->config.words = (struct config_words){.count = 0}; /* which it borrowed */
    if (action == CONFIG_RUN && !has_admin_of(list, &kin->config))
        list->count++;
    else
        config_fini(&kin->config);
    text_fini(&faults);
}

static void look_at(struct kin_list *list, pid_t pid, const struct asker *asker)
{
    struct words args = {.count = 0}, env = {.count = 0};
    if (pid == getpid() || !is_like_us(pid, asker->name) || !shares_network(pid))
        return;
    bool has_env = read_words(pid, "environ", &env);
    if (read_words(pid, "cmdline", &args))
        add(list, pid, asker, &args, has_env ? env.list : environ);
    words_fini(&args);
    words_fini(&env);
}

static int compare_pids(const void *left, const void *right)
{
    const struct kin *a = left, *b = right;
    return (a->pid > b->pid) - (a->pid < b->pid);
}

/* What stands behind the name of the program. */
static struct view arguments_of(const struct text *command_line)
{
    struct view rest = text_view(command_line);
    view_cut(&rest, '\0');
    return rest;
}

/* A master starts lb-proxy with the arguments that it was given itself, whatever name it has. */
static bool is_started_by_master(void)
{
    struct text own = TEXT_INIT, parents = TEXT_INIT;
    bool is_same = read_file(getpid(), "cmdline", &own) &&
                   read_file(getppid(), "cmdline", &parents) &&
                   view_eq(arguments_of(&own), arguments_of(&parents));
    text_fini(&own);
    text_fini(&parents);
    return is_same;
}

static void begin(struct asker *asker)
{
    *asker =
        (struct asker){.bytes = TEXT_INIT, .folder = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC)};
    read_file(is_started_by_master() ? getppid() : getpid(), "comm", &asker->bytes);
    struct view rest = text_view(&asker->bytes);
    asker->name = view_cut(&rest, '\n');
    if (view_eq(asker->name, VIEW("lb-proxy"))) /* by hand */
        asker->name = VIEW("lb");
}

static void finish(struct asker *asker)
{
    text_fini(&asker->bytes);
    if (asker->folder >= 0)
        close(asker->folder);
}

void kin_find(struct kin_list *list)
{
    struct asker asker;
    DIR *proc = opendir("/proc");
    *list = (struct kin_list){.count = 0};
    begin(&asker);
    for (struct dirent *entry; proc && list->count < KIN_MAX && (entry = readdir(proc));) {
        uint64_t pid;
        if (view_parse_u64(view_str(entry->d_name), INT32_MAX, &pid) && pid > 0)
            look_at(list, (pid_t)pid, &asker);
    }
    if (proc)
        closedir(proc);
    finish(&asker);
    qsort(list->all, list->count, sizeof(list->all[0]), compare_pids);
}

void kin_fini(struct kin_list *list)
{
    for (unsigned i = 0; i < list->count; i++)
        config_fini(&list->all[i].config);
    list->count = 0;
}
