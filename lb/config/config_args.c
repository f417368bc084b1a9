#include "lb/config/config_args.h"

#include <stdio.h>
#include <string.h>

#include "lb/base/edits.h"
#include "lb/config/config_faults.h"
#include "lb/config/config.h"
#include "lb/config/config_value.h"

#define FLAG_MAX_BYTES 64
#define GUESS_EDITS    3

/* ---- refusals ---------------------------------------------------------------------------------*/

/* The order of lb ctl that a word alone may have been meant for, or NULL. */
static const char *nearest_order(struct view arg)
{
    static const char *const orders[] = {"drain", "undrain", "disable", "enable", "weight"};
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
        if (arg.len > GUESS_EDITS && edits_between(arg, view_str(orders[i])) < GUESS_EDITS)
            return orders[i];
    return NULL;
}

/* The flag that a word without "--" may have been meant for, or NULL. */
static const struct config_setting *nearest_flag(struct view arg)
{
    const struct config_setting *flag;
    if (view_starts_with(arg, VIEW("-")))
        return config_table_nearest(&config_root, view_skip(arg, 1), CONFIG_ORIGIN_FLAG);
    flag = config_table_nearest(&config_root, arg, CONFIG_ORIGIN_FLAG);
    return flag && arg.len > GUESS_EDITS && edits_between(arg, view_str(flag->word)) <= 1 ? flag
                                                                                          : NULL;
}

/* What may have been meant, when it is near enough to anything. */
static void append_guess(struct view arg, struct text *problem)
{
    struct view word = view_cut(&arg, '=');
    const char *order = nearest_order(word);
    const struct config_setting *flag = nearest_flag(word);
    size_t edits = edits_between(word, VIEW("explain"));
    if (order)
        text_appendf(problem, "did you mean lb ctl %s? ", order);
    else if (edits <= GUESS_EDITS && edits_are_near(edits, word))
        text_append_str(problem, "did you mean lb explain? ");
    else if (word.len > 1 && edits_between(word, VIEW("ctl")) <= 1)
        text_append_str(problem, "did you mean lb ctl? ");
    else if (flag)
        text_appendf(problem, "did you mean --%s? ", flag->word);
}

static const struct {
    const char *word;
    enum config_action action, help;
} askers[] = {{"explain", CONFIG_EXPLAIN, CONFIG_EXPLAIN_HELP},
              {"ctl", CONFIG_CTL, CONFIG_CTL_HELP},
              {"top", CONFIG_TOP, CONFIG_TOP_HELP}};

#define ASKER_COUNT (sizeof(askers) / sizeof(askers[0]))

static const char *word_of(enum config_action action)
{
    for (size_t i = 0; i < ASKER_COUNT; i++)
        if (askers[i].action == action)
            return askers[i].word;
    return NULL;
}

/* A word that is neither a flag nor the value of one. */
static bool refuse_stray(const char *arg, const char *before, enum config_action action,
                         struct text *problem)
{
    static const struct {
        const char *flag, *example;
    } glued[] = {{"--docker", "unix:///var/run/docker.sock"},
                 {"--swarm", "unix:///var/run/docker.sock"},
                 {"--consul", "consul://127.0.0.1:8500"},
                 {"--register", "consul://127.0.0.1:8500"}};
    for (size_t i = 0; before && i < sizeof(glued) / sizeof(glued[0]); i++) {
        if (strcmp(before, glued[i].flag) != 0)
            continue;
        text_appendf(problem, "%s: takes its value after '=', as in %s=%s", glued[i].flag,
                     glued[i].flag, glued[i].example);
        return false;
    }
    config_value_append_quoted(view_str(arg), problem);
    if (action == CONFIG_RUN) {
        text_append_str(problem, ": is no flag, and lb takes nothing else; ");
        append_guess(view_str(arg), problem);
        text_append_str(problem, "see lb --help");
    } else {
        text_append_str(problem, arg[0] == '-' ? ": is no flag; " : ": is a word too many; ");
        text_appendf(problem, "see lb %s --help", word_of(action));
    }
    return false;
}

static bool refuse_unknown(struct view flag, struct text *problem)
{
    const struct config_setting *nearest =
        config_table_nearest(&config_root, view_skip(flag, 2), CONFIG_ORIGIN_FLAG);
    config_value_append_quoted(flag, problem);
    text_append_str(problem, ": unknown flag; ");
    if (nearest)
        text_appendf(problem, "did you mean --%s? ", nearest->word);
    text_append_str(problem, "see lb --help");
    return false;
}

static bool refuse_missing(const struct config_setting *setting, struct text *problem)
{
    text_appendf(problem, "--%s: has no value; ", setting->word);
    config_value_append_advice(setting, problem);
    return false;
}

/* ---- words ------------------------------------------------------------------------------------*/

/* "explain", "ctl", "top", and what stands behind them. */
static bool take_word(const char *arg, const char *before, enum config_action *action,
                      struct config_words *words, struct text *problem)
{
    bool asks = word_of(*action) != NULL;
    for (size_t i = 0; *action == CONFIG_RUN && i < ASKER_COUNT; i++) {
        if (strcmp(arg, askers[i].word) == 0) {
            *action = askers[i].action;
            return true;
        }
    }
    if (asks && words->count < CONFIG_WORD_MAX && arg[0] != '-')
        words->words[words->count++] = arg;
    else
        return refuse_stray(arg, before, asks ? *action : CONFIG_RUN, problem);
    return true;
}

/* ---- flags ------------------------------------------------------------------------------------*/

/* Whether the next argument is this flag's value. A value that begins with "--" is given as
 * --flag=value: otherwise it is the next flag, and this one's value was forgotten. */
static bool is_value(const char *arg)
{
    return arg && strncmp(arg, "--", 2) != 0;
}

static bool take_action(const struct config_setting *setting, bool has_value,
                        enum config_action *action, struct text *problem)
{
    if (has_value) {
        text_appendf(problem, "--%s: takes no value; give the flag alone", setting->word);
        return false;
    }
    if (*action != CONFIG_RUN && *action != (enum config_action)setting->action &&
        setting->action < CONFIG_VERSION) {
        text_append_str(problem, "--check: cannot be used together with --print-config, "
                                 "which checks too; give one of them");
        return false;
    }
    *action = (enum config_action)setting->action;
    return true;
}

/* Reads the flag at argv[*at] and leaves *at on its last argument. */
static bool read_flag(char *const *argv, int *at, struct config_layer *layer,
                      enum config_action *action, struct text *problem)
{
    struct view value = view_str(argv[*at]);
    struct view flag = view_cut(&value, '=');
    const struct config_setting *setting = config_table_find_flag(&config_root, view_skip(flag, 2));
    char place[FLAG_MAX_BYTES];
    if (!setting)
        return refuse_unknown(flag, problem);
    if (config_setting_is_action(setting))
        return take_action(setting, value.ptr != NULL, action, problem);
    if (!value.ptr && !setting->value_is_optional) {
        if (is_value(argv[*at + 1]))
            value = view_str(argv[++*at]);
        else if (config_setting_is_switch(setting))
            value = VIEW("on");
        else
            return refuse_missing(setting, problem);
    }
    snprintf(place, sizeof(place), "--%s", setting->word);
    config_layer_add(layer, setting, &(struct config_where){.place = place}, value);
    return true;
}

/* ---- flags of explain, ctl and top ----------------------------------------------------------------*/

struct own_flag {
    enum config_action action;
    const char *word;
    const char *wanted; /* what its value is; NULL: it takes none */
};

/* NULL: it is none of them. */
static const struct own_flag *find_own(enum config_action action, struct view flag)
{
    static const struct own_flag flags[] = {
        {CONFIG_EXPLAIN, "method", "a method, as in --method POST"},
        {CONFIG_EXPLAIN, "header", "a header, as in --header 'Name: value'"},
        {CONFIG_EXPLAIN, "client", "an address, as in --client 10.0.0.7"},
        {CONFIG_EXPLAIN, "routes", NULL},
        {CONFIG_EXPLAIN, "listeners", NULL},
        {CONFIG_CTL, "for", "a time, as in --for 30s"},
        {CONFIG_TOP, "once", NULL},
        {CONFIG_TOP, "sort", "rate, 5xx, p99, inflight or name"}};
    bool is_flag = view_starts_with(flag, VIEW("--"));
    for (size_t i = 0; is_flag && i < sizeof(flags) / sizeof(flags[0]); i++)
        if (flags[i].action == action && view_eq(view_skip(flag, 2), view_str(flags[i].word)))
            return &flags[i];
    return NULL;
}

static bool refuse_own(const struct own_flag *flag, const char *fault, struct text *problem)
{
    text_appendf(problem, "--%s: %s", flag->word, fault);
    if (flag->wanted)
        text_appendf(problem, "; give %s", flag->wanted);
    return false;
}

/* Reads the flag at argv[*at] and leaves *at on its last argument. */
static bool read_own(const struct own_flag *flag, char *const *argv, int *at,
                     struct config_words *words, struct text *problem)
{
    const char *behind = strchr(argv[*at], '='), *value = behind ? behind + 1 : NULL;
    if (!flag->wanted && behind)
        return refuse_own(flag, "takes no value; give the flag alone", problem);
    if (flag->wanted && !value && is_value(argv[*at + 1]))
        value = argv[++*at];
    if (flag->wanted && (!value || !*value))
        return refuse_own(flag, "has no value", problem);
    if (words->option_count == CONFIG_OPTION_MAX)
        return refuse_own(flag, "there are too many flags", problem);
    words->options[words->option_count++] = (struct config_option){flag->word, value};
    return true;
}

/* Whether it is one of them; `*is_good` says whether it is right. */
static bool take_own(char *const *argv, int *at, enum config_action action,
                     struct config_words *words, bool *is_good, struct text *problem)
{
    struct view rest = view_str(argv[*at]);
    const struct own_flag *flag = find_own(action, view_cut(&rest, '='));
    if (flag)
        *is_good = read_own(flag, argv, at, words, problem);
    return flag != NULL;
}

/* ---- all of it --------------------------------------------------------------------------------*/

bool config_args_needs_settings(enum config_action action)
{
    return action != CONFIG_HELP && action != CONFIG_VERSION && action != CONFIG_SCHEMA &&
           action != CONFIG_EXPLAIN_HELP && action != CONFIG_CTL_HELP && action != CONFIG_TOP_HELP;
}

static enum config_action help_of(enum config_action action)
{
    for (size_t i = 0; i < ASKER_COUNT; i++)
        if (askers[i].action == action)
            return askers[i].help;
    return CONFIG_HELP;
}

/* Whether the value of an unknown flag comes next: it is no fault of its own. */
static bool has_stray_value(char *const *argv, int at)
{
    return !strchr(argv[at], '=') && argv[at + 1] && argv[at + 1][0] != '-' &&
           !config_table_find_flag(&config_root, view_skip(view_str(argv[at]), 2));
}

bool config_args_read(int argc, char *const *argv, struct config_layer *layer,
                      enum config_action *action, struct config_words *words, struct text *faults)
{
    struct text problem = TEXT_INIT;
    bool is_all_good = true;
    *action = CONFIG_RUN;
    for (int i = 1; i < argc && config_args_needs_settings(*action); i++) {
        bool is_good = true, is_stray = false;
        if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0) {
            *action = help_of(*action);
        } else if (take_own(argv, &i, *action, words, &is_good, &problem)) {
            is_stray = false;
        } else if (strncmp(argv[i], "--", 2) == 0 && argv[i][2] != '\0') {
            is_stray = has_stray_value(argv, i);
            is_good = read_flag(argv, &i, layer, action, &problem);
        } else {
            is_good = take_word(argv[i], i > 1 ? argv[i - 1] : NULL, action, words, &problem);
        }
        i += is_stray;
        if (!is_good)
            is_all_good = config_faults_add(faults, &problem);
    }
    text_fini(&problem);
    if (config_args_needs_settings(*action))
        return is_all_good;
    text_clear(faults); /* who asks for help gets it */
    return true;
}
