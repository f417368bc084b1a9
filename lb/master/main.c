#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lb/base/log.h"
#include "lb/base/memory.h"
#include "lb/contract/channel.h"
#include "lb/master/activation.h"
#include "lb/master/environment.h"
#include "lb/master/master.h"
#include "lb/master/master_state.h"
#include "lb/master/upgrade.h"

extern char **environ;

#define EXIT_NO_PROGRAM 127

/* As many as are good for anything, as lb/crew/descriptors.c has it. */
#define DESCRIPTORS_MAX (1u << 20)

/* Until the settings say it. */
static void open_log(void)
{
    enum log_level level = LOG_LEVEL_INFO;
    enum log_format format = LOG_FORMAT_AUTO;
    const char *word = getenv("LB_LOG_LEVEL");
    if (word)
        log_parse_level(word, &level);
    word = getenv("LB_LOG_FORMAT");
    if (word)
        log_parse_format(word, &format);
    log_open("lb", level, format);
}

static void raise_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= DESCRIPTORS_MAX)
        return;
    limit.rlim_cur = limit.rlim_max < DESCRIPTORS_MAX ? limit.rlim_max : DESCRIPTORS_MAX;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* What a careless parent left open is no child's business, and the standard streams are there. */
static void tidy_descriptors(void)
{
    int fd;
    do
        fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    while (fd >= 0 && fd <= STDERR_FILENO && fcntl(fd, F_SETFD, 0) == 0);
    if (fd > STDERR_FILENO)
        close(fd);
    close_range(STDERR_FILENO + 1, ~0u, CLOSE_RANGE_CLOEXEC);
}

static bool is_to_check(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--check") == 0)
            return true;
    return false;
}

/* Who checks, and serves nobody, looks at what lb-discovery would get, too. */
static char **make_words_of_proxy(int argc, char **argv)
{
    size_t room = environment_count(environ) + ENVIRONMENT_ADDED_MAX;
    char **words = memory_new(room * sizeof(char *)), **more = memory_new(room * sizeof(char *));
    size_t count = environment_of_proxy(environ, words, room);
    if (is_to_check(argc, argv)) {
        environment_of_discovery(environ, more, room);
        environment_add(more, words, count, room);
    }
    free(more);
    return words;
}

static char **make_arguments(int argc, char **argv)
{
    static char name[] = "lb-proxy";
    char **arguments = memory_new(((size_t)argc + 2) * sizeof(char *));
    arguments[0] = name;
    for (int i = 1; i < argc; i++)
        arguments[i] = argv[i];
    return arguments;
}

static int open_programs(struct master *master)
{
    int rc = program_find_own(master->own_path);
    if (rc == 0 && master->proxy.fd < 0)
        rc = program_find_beside(master->own_path, "lb-proxy", master->proxy.path);
    if (rc == 0 && master->proxy.fd < 0)
        rc = program_open(&master->proxy);
    if (rc < 0)
        log_error("%s cannot be started: %s. It belongs beside lb.",
                  master->proxy.path[0] ? master->proxy.path : "lb-proxy", strerror(-rc));
    return rc;
}

static int start(struct master *master, bool goes_on)
{
    int rc = bells_open(&master->bells, goes_on);
    if (rc == 0)
        rc = keepsakes_open(&master->keepsakes);
    if (rc < 0) {
        log_error("lb cannot start: %s", strerror(-rc));
        return EXIT_FAILURE;
    }
    return open_programs(master) < 0 ? EXIT_NO_PROGRAM : EXIT_SUCCESS;
}

static void make_words(struct master *master, int argc, char **argv)
{
    master->own_arguments = argv;
    master->environment = environ;
    master->words_of_proxy = make_words_of_proxy(argc, argv);
    master->arguments = make_arguments(argc, argv);
    master->words_room = environment_count(environ) + ENVIRONMENT_ADDED_MAX;
    master->words_for_exec = memory_new(master->words_room * sizeof(char *));
}

int main(int argc, char **argv)
{
    struct master *master = memory_new(sizeof(*master));
    open_log();
    upgrade_check_trial();
    master_init(master);
    make_words(master, argc, argv);
    bool goes_on = upgrade_resume(master);
    tidy_descriptors();
    raise_limit();
    if (!goes_on)
        activation_take(&master->store);
    int status = start(master, goes_on);
    if (status == EXIT_SUCCESS)
        status = master_run(master, goes_on);
    log_close();
    free(master->arguments);
    free(master->words_of_proxy);
    free(master->words_for_exec);
    free(master);
    return status;
}
