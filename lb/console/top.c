#include "lb/console/top.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "lb/admin/ask.h"
#include "lb/base/clock.h"
#include "lb/base/colour.h"
#include "lb/base/shown.h"
#include "lb/console/follower.h"
#include "lb/console/keys.h"
#include "lb/console/screen.h"
#include "lb/console/top_view.h"

#define EXIT_USAGE      2
#define LOOK_MS         500   /* a lost connection is noticed that soon */
#define ONCE_MS         4000u /* for numbers, which lb knows once it has counted for a second */
#define FAILED_PAUSE_MS 2000u
#define FAILED_MOST_MS  2000u /* for the answer: until then no key is looked at */
#define USUAL_COLUMNS   80u
#define USUAL_LINES     24u
#define INPUT_BYTES     512
#define INPUT           0 /* which is which among what is waited for */
#define SIGNALS         1
#define EVENTS          2

struct top {
    struct follower follower;
    struct text failed;    /* the latest one */
    double notable_number; /* of /events, when it was asked for */
    uint64_t asked_ms;
    enum top_sort sort;
    bool services_only, is_once, has_input, is_over, is_afresh;
    unsigned scroll, row_count, width, height;
    int signals, status;
};

void top_print_help(void)
{
    puts("lb top: services and endpoints, live: requests and failures a second, latencies, what is "
         "open.\nThose with a problem come first.\n\n"
         "  lb top                  until q is pressed\n"
         "      --sort WORD             by rate|5xx|p99|inflight|name\n"
         "      --once                  print one table and end, as where no terminal is\n\n"
         "Keys: r, 5, p, i and n sort, e hides endpoints, arrows, Page Up and Page Down scroll, q "
         "ends.\n\n"
         "Flags: --admin IP:PORT when it is not found by itself, --admin-token-file FILE when it "
         "asks for a\ntoken that cannot be read from here. NO_COLOR and TERM=dumb are heeded.");
}

static uint64_t now_ms(void)
{
    return clock_mono_ns() / 1000000;
}

/* ---- pictures -------------------------------------------------------------------------------- */

/* Of several the one that ended last. */
static const json_t *latest_of(const json_t *failed)
{
    const json_t *latest = NULL, *one;
    size_t i;
    json_array_foreach (failed, i, one) {
        const char *time = world_text(one, "time"), *best = world_text(latest, "time");
        if (time && (!best || strcmp(time, best) > 0))
            latest = one;
    }
    return latest;
}

static void ask_for_failed(struct top *top)
{
    struct text body = TEXT_INIT, problem = TEXT_INIT, line = TEXT_INIT;
    struct ask ask = {.method = "GET", .path = "/requests", .most_ms = FAILED_MOST_MS};
    json_t *root = NULL;
    if (ask_lb(top->follower.config, &ask, &body, &problem) == 200)
        root = json_loadb(text_str(&body), body.len, 0, NULL);
    const json_t *latest = latest_of(json_object_get(root, "failed"));
    if (latest && top_view_append_failed(latest, &line)) {
        text_clear(&top->failed);
        text_append(&top->failed, text_view(&line));
    }
    json_decref(root);
    text_fini(&body);
    text_fini(&problem);
    text_fini(&line);
}

/* /events says when there are others, but not more than once in a while is looked. */
static void note_failed(struct top *top)
{
    const json_t *notable = world_section(&top->follower.world, "notable");
    double number = world_number(notable, "number");
    uint64_t now = now_ms();
    bool is_too_soon = top->asked_ms > 0 && now - top->asked_ms < FAILED_PAUSE_MS;
    if (number <= 0 || number == top->notable_number || is_too_soon || top->follower.fd < 0)
        return;
    top->notable_number = number;
    top->asked_ms = now;
    ask_for_failed(top);
}

static void draw(struct top *top, struct text *out)
{
    const struct top_look view = {.world = &top->follower.world,
                                  .trouble = text_str(&top->follower.problem),
                                  .failed = text_str(&top->failed),
                                  .sort = top->sort,
                                  .services_only = top->services_only,
                                  .scroll = top->scroll,
                                  .width = top->width,
                                  .height = top->height,
                                  .is_coloured = colour_is_wanted(STDOUT_FILENO),
                                  .has_keys = !top->is_once};
    top->row_count = top_view_draw(&view, out);
}

static void show(struct top *top)
{
    struct text lines = TEXT_INIT;
    if (!screen_is_open())
        screen_open();
    top->width = USUAL_COLUMNS;
    top->height = USUAL_LINES;
    screen_measure(STDOUT_FILENO, &top->width, &top->height);
    draw(top, &lines);
    if (!screen_draw(&lines, top->is_afresh))
        top->is_over = true;
    top->is_afresh = false;
    text_fini(&lines);
}

static int print_once(struct top *top)
{
    struct text lines = TEXT_INIT;
    unsigned height = 0;
    top->width = 0;
    screen_measure(STDOUT_FILENO, &top->width, &height);
    draw(top, &lines);
    fwrite(lines.bytes, 1, lines.len, stdout);
    text_fini(&lines);
    return fflush(stdout) == 0 ? 0 : 1;
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void scroll_by(struct top *top, int rows)
{
    long to = (long)top->scroll + rows, last = top->row_count > 0 ? (long)top->row_count - 1 : 0;
    top->scroll = (unsigned)(to < 0 ? 0 : to > last ? last : to);
}

static void scroll(struct top *top, int key)
{
    int page = top->height > 12 ? (int)top->height - 10 : 3;
    switch (key) {
    case KEY_UP:
    case 'k':
        scroll_by(top, -1);
        break;
    case KEY_DOWN:
    case 'j':
        scroll_by(top, 1);
        break;
    case KEY_PAGE_UP:
        scroll_by(top, -page);
        break;
    case KEY_PAGE_DOWN:
    case ' ':
        scroll_by(top, page);
        break;
    case KEY_HOME:
        top->scroll = 0;
        break;
    case KEY_END:
        scroll_by(top, (int)top->row_count);
        break;
    default:
        break;
    }
}

static void obey(struct top *top, int key)
{
    static const char sort_keys[] = {'r', '5', 'p', 'i', 'n'};
    for (unsigned i = 0; i < TOP_SORT_COUNT; i++)
        if (key == sort_keys[i])
            top->sort = (enum top_sort)i;
    if (key == 'q' || key == 'Q')
        top->is_over = true;
    else if (key == 's')
        top->sort = (enum top_sort)((top->sort + 1) % TOP_SORT_COUNT);
    else if (key == 'e')
        top->services_only = !top->services_only;
    else if (key == 0x0C) /* Ctrl-L */
        top->is_afresh = true;
    else
        scroll(top, key);
}

static void read_keys(struct top *top)
{
    char bytes[INPUT_BYTES];
    ssize_t count = read(STDIN_FILENO, bytes, sizeof(bytes));
    if (count <= 0) {
        top->has_input = false;
        return;
    }
    for (struct view rest = view_of(bytes, (size_t)count); rest.len > 0;)
        obey(top, keys_next(&rest));
}

/* ---- signals --------------------------------------------------------------------------------- */

/* All that may come in the middle are read like keys. */
static bool open_signals(struct top *top)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        sigaddset(&set, numbers[i]);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    prctl(PR_SET_PDEATHSIG, SIGTERM); /* `lb` has started this, and the shell waits for it */
    top->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return top->signals >= 0;
}

static void take_signal(struct top *top, int number)
{
    switch (number) {
    case SIGTSTP:
        screen_close();
        raise(SIGSTOP);
        screen_open();
        top->is_afresh = true;
        break;
    case SIGCONT:
    case SIGWINCH:
        top->is_afresh = true;
        break;
    default:
        top->is_over = true;
        top->status = number == SIGINT ? 0 : 128 + number;
    }
}

static void read_signals(struct top *top)
{
    struct signalfd_siginfo info;
    while (read(top->signals, &info, sizeof(info)) == sizeof(info))
        take_signal(top, (int)info.ssi_signo);
}

/* ---- the loop -------------------------------------------------------------------------------- */

/* Before anything was told there is nothing to show, and who asked is to know why. */
static bool is_refused(const struct top *top)
{
    return top->follower.world.told_count == 0 && top->follower.problem.len > 0;
}

static int say_refused(const struct top *top)
{
    struct text shown = TEXT_INIT;
    shown_append(&shown, text_view(&top->follower.problem));
    fprintf(stderr, "lb: %s\n", text_str(&shown));
    text_fini(&shown);
    return 1;
}

static bool has_numbers(const struct top *top)
{
    return world_number(world_section(&top->follower.world, "totals"), "rate") >= 0;
}

/* Gives whether something has happened. */
static bool wait(struct top *top)
{
    struct pollfd fds[] = {
        [INPUT] = {.fd = top->has_input ? STDIN_FILENO : -1, .events = POLLIN},
        [SIGNALS] = {.fd = top->signals, .events = POLLIN},
        [EVENTS] = {.fd = top->follower.fd, .events = POLLIN},
    };
    bool has_changed = false;
    poll(fds, sizeof(fds) / sizeof(fds[0]), LOOK_MS);
    if (fds[SIGNALS].revents)
        read_signals(top);
    if (fds[INPUT].revents & POLLIN)
        read_keys(top);
    else if (fds[INPUT].revents)
        top->is_over = true; /* the terminal is gone */
    if (fds[EVENTS].revents)
        has_changed = follower_read(&top->follower, now_ms());
    return has_changed || fds[SIGNALS].revents || fds[INPUT].revents ||
           top->follower.problem.len > 0;
}

static void turn(struct top *top)
{
    bool has_changed = wait(top);
    follower_tick(&top->follower, now_ms());
    note_failed(top);
    if (has_changed && !top->is_over && top->follower.world.told_count > 0)
        show(top);
}

static int live(struct top *top)
{
    follower_tick(&top->follower, now_ms());
    while (!top->is_over && !is_refused(top)) {
        turn(top);
    }
    screen_close();
    return is_refused(top) ? say_refused(top) : top->status;
}

static int once(struct top *top)
{
    uint64_t begun_ms = now_ms();
    follower_tick(&top->follower, begun_ms);
    while (!top->is_over && !is_refused(top) && !has_numbers(top) &&
           top->follower.problem.len == 0 && now_ms() - begun_ms < ONCE_MS)
        wait(top);
    if (top->is_over)
        return top->status;
    note_failed(top);
    return is_refused(top) || top->follower.world.told_count == 0 ? say_refused(top)
                                                                  : print_once(top);
}

/* ---- the command line ------------------------------------------------------------------------ */

static bool take_option(struct top *top, const struct config_option *option)
{
    if (strcmp(option->word, "once") == 0)
        top->is_once = true;
    else if (!top_rows_parse_sort(option->value, &top->sort)) {
        struct text shown = TEXT_INIT;
        shown_append(&shown, view_str(option->value));
        fprintf(stderr,
                "lb: --sort: \"%s\": it is not known; give rate, 5xx, p99, inflight or name\n",
                text_str(&shown));
        text_fini(&shown);
        return false;
    }
    return true;
}

static bool is_capable(void)
{
    const char *term = getenv("TERM");
    return isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb") != 0;
}

int top_run(const struct config *config)
{
    struct top top = {.has_input = isatty(STDIN_FILENO)};
    const struct config_words *words = &config->words;
    for (unsigned i = 0; i < words->option_count; i++)
        if (!take_option(&top, &words->options[i]))
            return EXIT_USAGE;
    if (words->count > 0) {
        fputs("lb: lb top takes no word, only --once and --sort; see lb top --help\n", stderr);
        return EXIT_USAGE;
    }
    top.is_once |= !is_capable();
    top.has_input &= !top.is_once;
    if (!open_signals(&top)) {
        fputs("lb: the system gives no descriptor for signals; give more descriptors\n", stderr);
        return 1;
    }
    follower_init(&top.follower, config);
    int status = top.is_once ? once(&top) : live(&top);
    follower_fini(&top.follower);
    text_fini(&top.failed);
    close(top.signals);
    return status;
}
