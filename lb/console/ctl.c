#include "lb/console/ctl.h"

#include <jansson.h>
#include <stdio.h>
#include <unistd.h>

#include "lb/admin/ask.h"
#include "lb/admin/explain_path.h"
#include "lb/admin/paths.h"
#include "lb/admin/upgrade_order.h"
#include "lb/base/colour.h"
#include "lb/base/edits.h"
#include "lb/base/shown.h"
#include "lb/config/config_value.h"
#include "lb/console/explain_sheet.h"
#include "lb/console/pool_list.h"
#include "lb/console/screen.h"
#include "lb/console/top.h"

#define EXIT_USAGE 2

struct order {
    const char *word;
    const char *method;
    const char *path;                 /* "%" stands for the container or the service */
    const char *query;                /* what the value is called; NULL: it takes none */
    unsigned least_words, most_words; /* behind the order */
    const char *usage;
};

static const struct order orders[] = {
    {"explain", "GET", "/explain", NULL, 0, 0, NULL},
    {"explain", "GET", "/explain/%", NULL, 1, 1, "explain [CONTAINER|SERVICE|URL]"},
    {"list", "GET", "/pool", NULL, 0, 0, "list"},
    {"drain", "POST", "/endpoints/%/drain", NULL, 1, 1, "drain CONTAINER"},
    {"undrain", "POST", "/endpoints/%/undrain", NULL, 1, 1, "undrain CONTAINER"},
    {"disable", "POST", "/endpoints/%/disable", NULL, 1, 1, "disable CONTAINER"},
    {"enable", "POST", "/endpoints/%/enable", NULL, 1, 1, "enable CONTAINER"},
    {"weight", "POST", "/endpoints/%/weight", "value", 2, 2, "weight CONTAINER 1..256|default"},
    {"share", "POST", "/services/%/share", "value", 2, 2, "share SERVICE 0..100|default"},
    {"pause", "POST", "/services/%/pause", NULL, 1, 1, "pause SERVICE [--for TIME]"},
    {"resume", "POST", "/services/%/resume", NULL, 1, 1, "resume SERVICE"},
    {"log-level", "POST", "/log-level", "value", 1, 1, "log-level debug|info|warn|error"},
    {"upgrade", "POST", "/upgrade", NULL, 0, 0, "upgrade"},
    {"process", "GET", "/process", NULL, 0, 0, "process"},
    {"pool", "GET", "/pool", NULL, 0, 0, "pool"},
    {"config", "GET", "/config", NULL, 0, 0, "config"},
};

#define ORDER_COUNT (sizeof(orders) / sizeof(orders[0]))

static void print_usage(FILE *stream)
{
    for (size_t i = 0; i < ORDER_COUNT; i++)
        if (orders[i].usage)
            fprintf(stream, "  lb ctl %s\n", orders[i].usage);
}

void ctl_print_help(enum config_action action)
{
    if (action == CONFIG_TOP_HELP) {
        top_print_help();
        return;
    }
    if (action == CONFIG_EXPLAIN_HELP) {
        puts("lb explain: for each container, who gets requests, who does not, and what would "
             "change it.\n\n"
             "  lb explain              all of them\n"
             "  lb explain CONTAINER    one: its name, or 4 or more digits of its id; with its "
             "routes\n"
             "  lb explain SERVICE      all containers in it\n"
             "  lb explain URL          where a request goes: by which route, why that one, to "
             "which service\n"
             "      --method POST           of the request; else it is GET\n"
             "      --header 'NAME: VALUE'  of it, repeatable; Host is the host\n"
             "      --client IP             whom it comes from\n"
             "  lb explain tcp://:PORT/NAME   where a connection goes that comes to a TCP "
             "listener,\n"
             "                          with the server name of its TLS; udp://:PORT likewise\n"
             "  lb explain --routes     all routes, in the order in which they are looked at\n"
             "  lb explain --listeners  all TCP and UDP listeners, and whom they lead to\n");
    } else {
        puts("lb ctl: questions and orders to the lb that runs here. CONTAINER is its name, or 4 "
             "or more\ndigits of its id. SERVICE is the name of one.\n");
        print_usage(stdout);
        putchar('\n');
    }
    puts("Flags: --admin IP:PORT when it is not found by itself, --admin-token-file FILE when it "
         "asks for a\ntoken that cannot be read from here.");
}

/* Of the orders, by their words; NULL when none is near. */
static const char *nearest_order(const char *word)
{
    const char *best = NULL;
    size_t best_edits = SIZE_MAX;
    for (size_t i = 0; word && i < ORDER_COUNT; i++) {
        size_t edits = edits_between(view_str(word), view_str(orders[i].word));
        if (edits < best_edits) {
            best = orders[i].word;
            best_edits = edits;
        }
    }
    return word && edits_are_near(best_edits, view_str(word)) ? best : NULL;
}

static void print_word(const char *word)
{
    struct text shown = TEXT_INIT;
    shown_append(&shown, view_str(word));
    fputs(text_str(&shown), stderr);
    text_fini(&shown);
}

/* What stands behind the order is too little or too much: says what. */
static int refuse_count(const struct order *order, const char *program, const char *const *words,
                        unsigned count)
{
    const char *wanted = order->usage;
    fprintf(stderr, "lb: %s%s", program, order->word);
    for (unsigned i = 0; i < count && i < order->most_words; i++) {
        fputc(' ', stderr);
        print_word(words[i]);
    }
    if (count < order->least_words) {
        for (unsigned i = 0; i <= count; i++)
            wanted += strcspn(wanted, " ") + 1;
        fprintf(stderr, ": %.*s is missing", (int)strcspn(wanted, " "), wanted);
    } else {
        fputs(": takes nothing behind that: ", stderr);
        print_word(words[order->most_words]);
    }
    fprintf(stderr, "; give %s%s\n", program, order->usage);
    return EXIT_USAGE;
}

static void print_unknown(const char *word)
{
    const char *nearest = nearest_order(word);
    struct text problem = TEXT_INIT;
    config_value_append_quoted(view_str(word), &problem);
    text_append_str(&problem, ": there is no such order; ");
    if (nearest)
        text_appendf(&problem, "did you mean lb ctl %s? ", nearest);
    fprintf(stderr, "lb: %ssee lb ctl --help\n", text_str(&problem));
    text_fini(&problem);
}

static int refuse_usage(const char *word)
{
    if (word)
        print_unknown(word);
    fputs("lb: this is what lb ctl takes (CONTAINER: its name, or 4 or more digits of its id):\n",
          stderr);
    print_usage(stderr);
    return EXIT_USAGE;
}

static const struct order *find(const char *word, unsigned word_count)
{
    for (size_t i = 0; word && i < ORDER_COUNT; i++)
        if (strcmp(word, orders[i].word) == 0 && word_count >= orders[i].least_words &&
            word_count <= orders[i].most_words)
            return &orders[i];
    return NULL;
}

/* The order of that name with the most words behind it; NULL: there is none. */
static const struct order *find_word(const char *word)
{
    const struct order *found = NULL;
    for (size_t i = 0; word && i < ORDER_COUNT; i++)
        if (strcmp(word, orders[i].word) == 0)
            found = &orders[i];
    return found;
}

/* The time of a pause. */
static void append_options(const struct config_words *words, struct text *out)
{
    for (unsigned i = 0; i < words->option_count; i++) {
        text_appendf(out, "%c%s=", i > 0 ? '&' : '?', words->options[i].word);
        paths_encode(view_str(words->options[i].value), out);
    }
}

static void make_path(const struct order *order, const char *const *words, struct text *out)
{
    for (const char *c = order->path; *c; c++) {
        if (*c == '%')
            paths_encode(view_str(*words++), out);
        else
            text_append_char(out, *c);
    }
    if (order->query) {
        text_appendf(out, "?%s=", order->query);
        paths_encode(view_str(*words), out);
    }
}

/* What a human wants of an answer in JSON: its sentence. */
static void print_message(const struct text *body, FILE *stream, const char *prefix)
{
    json_t *answer = json_loadb(text_str(body), body->len, 0, NULL);
    const char *message = json_string_value(json_object_get(answer, "message"));
    struct text shown = TEXT_INIT;
    shown_append_lines(&shown, message ? view_str(message) : text_view(body));
    fprintf(stream, "%s%s\n", prefix, text_str(&shown));
    text_fini(&shown);
    json_decref(answer);
}

static void print_lines(const struct text *body)
{
    struct text shown = TEXT_INIT;
    shown_append_lines(&shown, text_view(body));
    fwrite(shown.bytes, 1, shown.len, stdout);
    text_fini(&shown);
}

/* A question of lb explain about a URL, the routes or the listeners; what there is of these comes a part at a time. */
static int explain(const struct config *config, struct text *path, bool goes_on)
{
    struct text body = TEXT_INIT, problem = TEXT_INIT;
    unsigned status;
    do {
        text_clear(&body);
        status =
            ask_lb(config, &(struct ask){.method = "GET", .path = text_str(path)}, &body, &problem);
        goes_on = status == 200 && goes_on && explain_path_next(&body, path);
        if (status == 200)
            print_lines(&body);
    } while (goes_on);
    if (status == 0)
        fprintf(stderr, "lb: %s\n", text_str(&problem));
    else if (status != 200)
        print_message(&body, stderr, "lb: ");
    text_fini(&body);
    text_fini(&problem);
    return status == 200 ? 0 : 1;
}

/* Orders whose answers are printed in columns. */
struct columned {
    const char *path, *word;
    bool is_for_terminals; /* elsewhere the page is printed as text */
    /* False: the answer says nothing that can be printed so. */
    bool (*append)(struct view answer, const struct sheet_paper *paper, struct text *out);
};

/* NULL: it is printed as it is. */
static const struct columned *find_columned(const struct order *order)
{
    static const struct columned all[] = {
        {"/explain", "explain", true, explain_sheet_append},
        {"/pool", "list", false, pool_list_append},
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
        if (strcmp(order->path, all[i].path) == 0 && strcmp(order->word, all[i].word) == 0 &&
            (!all[i].is_for_terminals || isatty(STDOUT_FILENO)))
            return &all[i];
    return NULL;
}

static struct sheet_paper paper_of(void)
{
    struct sheet_paper paper = {.is_coloured = colour_is_wanted(STDOUT_FILENO)};
    unsigned lines = 0;
    if (isatty(STDOUT_FILENO))
        screen_measure(STDOUT_FILENO, &paper.width, &lines);
    return paper;
}

/* In columns. False: there was nothing that can be printed so. */
static bool print_columns(const struct config *config, const struct columned *columned)
{
    struct text body = TEXT_INIT, problem = TEXT_INIT, out = TEXT_INIT;
    struct sheet_paper paper = paper_of();
    struct ask ask = {.method = "GET", .path = columned->path, .wants_json = true};
    bool is_good = ask_lb(config, &ask, &body, &problem) == 200 &&
                   columned->append(text_view(&body), &paper, &out);
    if (is_good)
        fwrite(out.bytes, 1, out.len, stdout);
    text_fini(&body);
    text_fini(&problem);
    text_fini(&out);
    return is_good;
}

/* What fails here is said by what follows, which asks again for the page as it is. */
static int carry_out(const struct config *config, const struct order *order,
                     const char *const *words)
{
    const struct columned *columned = find_columned(order);
    if (columned && print_columns(config, columned))
        return 0;
    struct text path = TEXT_INIT, body = TEXT_INIT, problem = TEXT_INIT;
    make_path(order, words, &path);
    append_options(&config->words, &path);
    unsigned status = ask_lb(
        config, &(struct ask){.method = order->method, .path = text_str(&path)}, &body, &problem);
    bool is_done = status == 200;
    if (status == 0)
        fprintf(stderr, "lb: %s\n", text_str(&problem));
    else if (!is_done)
        print_message(&body, stderr, "lb: ");
    else if (strcmp(order->method, "POST") == 0)
        print_message(&body, stdout, "");
    else
        print_lines(&body);
    text_fini(&path);
    text_fini(&body);
    text_fini(&problem);
    return is_done ? 0 : 1;
}

static int run(const struct config *config, enum config_action action)
{
    const char *const *words = config->words.words;
    unsigned count = config->words.count;
    const char *word = "explain";
    if (action == CONFIG_CTL) {
        word = count > 0 ? *words++ : NULL;
        count -= count > 0;
    }
    const struct order *order = find(word, count);
    if (action == CONFIG_CTL && config->words.option_count > 0 &&
        !(word && strcmp(word, "pause") == 0)) {
        fputs("lb: --for belongs to a pause; give lb ctl pause SERVICE --for 30s\n", stderr);
        return EXIT_USAGE;
    }
    if (order && strcmp(order->word, "upgrade") == 0)
        return upgrade_order_run(config);
    if (order)
        return carry_out(config, order, words);
    order = find_word(word);
    return order ? refuse_count(order, action == CONFIG_CTL ? "lb ctl " : "lb ", words, count)
                 : refuse_usage(word);
}

int ctl_run(const struct config *config, enum config_action action)
{
    if (action == CONFIG_TOP)
        return top_run(config);
    struct text path = TEXT_INIT, problem = TEXT_INIT;
    enum explain_path_kind kind = EXPLAIN_PATH_CONTAINERS;
    int status = EXIT_USAGE;
    if (action == CONFIG_EXPLAIN)
        kind = explain_path_make(&config->words, &path, &problem);
    if (kind == EXPLAIN_PATH_REFUSED)
        fprintf(stderr, "lb: lb explain: %s\n", text_str(&problem));
    else if (kind == EXPLAIN_PATH_CONTAINERS)
        status = run(config, action);
    else
        status = explain(config, &path, kind == EXPLAIN_PATH_ROUTES);
    text_fini(&path);
    text_fini(&problem);
    return status;
}
