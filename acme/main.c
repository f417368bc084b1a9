/* lb-acme: gets certificates from an ACME authority, and renews them. Nobody waits for it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "acme/cell.h"
#include "acme/keeper.h"
#include "acme/listing.h"
#include "acme/rollover.h"
#include "lb/base/lent_socket.h"
#include "lb/base/shown.h"
#include "lb/contract/acme.h"
#include "lb/contract/report.h"

#define EXIT_USAGE 2

static const char prefix[] = "lb-acme: ";

static int refuse(struct text *problem)
{
    fprintf(stderr, "%s%s\n", prefix, text_str(problem));
    text_fini(problem);
    return EXIT_USAGE;
}

/* A sanitizer has to look into itself. */
static void hide(enum jail_mode jail)
{
    if (jail != JAIL_OFF)
        prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static int open_signals(void)
{
    sigset_t signals;
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* A file of memory, as lb lends it; what a shell left open there is none. */
static int lent(int fd)
{
    struct stat status;
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || status.st_nlink > 0)
        return -1;
    return fd;
}

/* Root by hand works as the folder's owner, so that what it makes is lb's. */
static bool become_owner(const char *folder, struct text *problem)
{
    struct stat status;
    if (geteuid() != 0 || stat(folder, &status) < 0 || status.st_uid == 0)
        return true;
    if (setresgid(status.st_gid, status.st_gid, status.st_gid) == 0 &&
        setresuid(status.st_uid, status.st_uid, status.st_uid) == 0)
        return true;
    text_appendf(
        problem,
        "%s belongs to another user, which this program cannot become; run it as that user",
        folder);
    return false;
}

/* By hand, a folder that is not there is the wrong one. */
static bool has_folder(const struct options *options, struct text *problem)
{
    struct stat status;
    int error = stat(options->folder, &status) < 0 ? errno : 0;
    if (error == 0 && !S_ISDIR(status.st_mode))
        error = ENOTDIR;
    if (options->action == OPTIONS_RUN || error == 0)
        return true;
    text_append_str(problem, "--dir: ");
    shown_append(problem, view_str(options->folder));
    text_appendf(problem, ": %s; give the folder of lb's --acme-dir", strerror(error));
    return false;
}

static int print_and_end(struct text *text, bool is_good)
{
    struct text shown = TEXT_INIT;
    trouble_append_by_hand(&shown, text_view(text));
    fputs(text_str(&shown), stdout);
    text_fini(&shown);
    text_fini(text);
    return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int act_by_hand(struct keeper *keeper)
{
    struct text text = TEXT_INIT;
    bool is_good = true;
    if (keeper->options->action == OPTIONS_LIST)
        listing_append_store(keeper, &text);
    else if (keeper->options->action == OPTIONS_DRY_RUN)
        listing_append_plan(keeper, &text);
    else {
        is_good = rollover_by_hand(keeper, &text);
        text_append_char(&text, '\n');
    }
    return print_and_end(&text, is_good);
}

static bool enter_jail(const struct options *options, struct text *told)
{
    if (!cell_enter(options, told)) {
        log_error("%s", text_str(told));
        return false;
    }
    if (options->action == OPTIONS_RUN)
        log_info("jail: %s", text_str(told));
    return true;
}

static int work(struct keeper *keeper)
{
    if (keeper->options->action != OPTIONS_RUN)
        return act_by_hand(keeper);
    log_info("certificates come from %s", keeper->options->directory);
    keeper_run(keeper);
    return EXIT_SUCCESS;
}

static void tell_trouble(const struct options *options, const char *sentence)
{
    struct text line = TEXT_INIT;
    if (options->action == OPTIONS_RUN)
        text_append_str(&line, sentence);
    else
        trouble_append_by_hand(&line, view_str(sentence));
    log_error("%s", text_str(&line));
    text_fini(&line);
}

static int open_and_work(const struct options *options, int signal_fd)
{
    static struct keeper keeper;
    struct text told = TEXT_INIT;
    struct trouble trouble = {0};
    bool is_run = options->action == OPTIONS_RUN;
    int wishes_fd = is_run ? lent(ACME_WISHES_FD) : -1,
        bulletin_fd = is_run ? lent(ACME_ORDERED_FD) : -1;
    struct exchange *exchange = exchange_open(signal_fd, options->ca_file);
    int status = EXIT_FAILURE;
    if (!exchange || !keeper_open(&keeper, options, exchange, wishes_fd, bulletin_fd, &trouble))
        tell_trouble(options,
                     exchange ? trouble.sentence : "the system gives no memory to libcurl");
    else if (enter_jail(options, &told))
        status = work(&keeper);
    if (exchange)
        keeper_close(&keeper);
    exchange_close(exchange);
    text_fini(&told);
    return status;
}

static int print_version(void)
{
    printf("lb-acme %s (libcurl %s, jansson %s, %s)\n", LB_VERSION, exchange_library_version(),
           JANSSON_VERSION, OpenSSL_version(OPENSSL_VERSION));
    return EXIT_SUCCESS;
}

int main(int argc, char *argv[])
{
    static struct options options;
    struct text problem = TEXT_INIT;
    bool is_good = options_parse(argc, argv, &options, &problem);
    if (is_good && options.action == OPTIONS_HELP) {
        fputs(options_help(), stdout);
        return EXIT_SUCCESS;
    }
    if (is_good && options.action == OPTIONS_VERSION)
        return print_version();
    if (!is_good || !has_folder(&options, &problem) || !become_owner(options.folder, &problem)) {
        options_fini(&options);
        return refuse(&problem);
    }
    hide(options.jail);
    umask(077);
    log_open("lb-acme", options.log_level, options.log_format);
    if (options.action == OPTIONS_RUN)
        log_copy_to(lent_socket_find(REPORT_ENVIRONMENT));
    int signal_fd = open_signals();
    if (signal_fd < 0 || !exchange_begin()) {
        log_error("the system gives no memory to libcurl, or no descriptor for signals; give more "
                  "of both");
        return EXIT_FAILURE;
    }
    int status = open_and_work(&options, signal_fd);
    log_close();
    exchange_end();
    options_fini(&options);
    close(signal_fd);
    return status;
}
