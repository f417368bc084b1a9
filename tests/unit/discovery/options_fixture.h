/* A command line and an environment, parsed. */
#ifndef TESTS_UNIT_DISCOVERY_OPTIONS_FIXTURE_H
#define TESTS_UNIT_DISCOVERY_OPTIONS_FIXTURE_H

#include "discovery/options.h"

#include "tests/unit/discovery/cmocka_all.h"

#define ARGS_MAX 6

static inline bool parse(const char *const args[ARGS_MAX],
                         const struct options_environment *environment, struct options *out,
                         struct text *problem)
{
    char *argv[ARGS_MAX + 1] = {(char[]){"lb-discovery"}};
    int argc = 1;
    for (; argc <= ARGS_MAX && args[argc - 1]; argc++)
        argv[argc] = (char *)(uintptr_t)args[argc - 1];
    return options_parse(argc, argv, environment, out, problem);
}

/* With an empty environment; false shows what is complained of. */
static inline bool parse_alone(const char *const args[ARGS_MAX], struct options *out)
{
    struct options_environment environment = {0};
    struct text problem = TEXT_INIT;
    bool is_good = parse(args, &environment, out, &problem);
    if (!is_good)
        print_message("%s\n", text_str(&problem));
    text_fini(&problem);
    return is_good;
}

/* Every complaint names the flag or variable, and what is accepted. */
struct complaint {
    const char *args[ARGS_MAX];
    struct options_environment environment;
    const char *name, *accepted;
};

static inline void assert_complaints(const struct complaint *cases, size_t count)
{
    struct options options;
    struct text problem = TEXT_INIT;
    for (size_t i = 0; i < count; i++) {
        assert_false(parse(cases[i].args, &cases[i].environment, &options, &problem));
        if (strncmp(text_str(&problem), cases[i].name, strlen(cases[i].name)) != 0 ||
            !strstr(text_str(&problem), cases[i].accepted))
            fail_msg("%s, of case %zu", text_str(&problem), i);
    }
    text_fini(&problem);
}

#endif
