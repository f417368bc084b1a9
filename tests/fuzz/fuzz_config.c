/* The settings of lb. An input has lines: "--…" is an argument of the command line, "LB_…" a
 * variable of the environment, and from the first "{" on all is the file of --config. What holds:
 * what cannot be used is refused with a message, and what is taken prints as JSON that gives the
 * same again. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lb/base/memory.h"
#include "lb/config/config_field.h"
#include "lb/config/config_load.h"
#include "lb/config/config_print.h"
#include "lb/config/config.h"
#include "tests/fuzz/support/target.h"

#define WORDS_MAX 24u

struct words {
    char *items[WORDS_MAX + 1]; /* ends with NULL */
    unsigned count;
};

static void add(struct words *words, struct view word)
{
    if (words->count == WORDS_MAX)
        return;
    words->items[words->count++] = memory_copy(word.ptr, word.len);
    words->items[words->count] = NULL;
}

static void drop(struct words *words)
{
    for (unsigned i = 0; i < words->count; i++)
        free(words->items[i]);
    *words = (struct words){0};
}

/* A file in memory with a path of its own, always the same one. Gives its descriptor. */
static int put_file(struct view bytes, char path[32])
{
    int fd = memfd_create("config", MFD_CLOEXEC);
    TARGET_CHECK(fd >= 0 && write(fd, bytes.ptr, bytes.len) == (ssize_t)bytes.len);
    snprintf(path, 32, "/proc/self/fd/%d", fd);
    return fd;
}

/* All values, by another way than printing. */
static void describe(const struct config *config, struct text *out)
{
    const struct config_setting *setting;
    for (size_t i = 0; (setting = config_table_at(&config_root, i)); i++) {
        for (unsigned j = 0; j < config_field_count(&config_root, config, setting); j++) {
            text_appendf(out, "%s=", setting->word);
            config_field_format(&config_root, config, setting, j, out);
            text_append_char(out, '\n');
        }
    }
}

struct loaded {
    struct text printed;
    struct text described;
};

static void drop_loaded(struct loaded *loaded)
{
    text_fini(&loaded->printed);
    text_fini(&loaded->described);
}

static bool load(struct words *args, struct words *variables, struct loaded *loaded)
{
    struct config config;
    enum config_action action = CONFIG_RUN;
    struct text problem = TEXT_INIT;
    bool is_good =
        config_load((int)args->count, args->items, variables->items, &config, &action, &problem);
    TARGET_CHECK(is_good || problem.len > 0);
    TARGET_CHECK(view_find(text_view(&problem), '\n') < 0 ||
                 memchr(text_str(&problem), '\n', problem.len) != problem.bytes + problem.len - 1);
    bool is_whole = is_good && action <= CONFIG_PRINT; /* the others may name an lb elsewhere */
    if (is_whole) {
        config_print_json(&config, &loaded->printed);
        describe(&config, &loaded->described);
    }
    config_fini(&config);
    text_fini(&problem);
    return is_whole;
}

/* What was printed is taken, and is the same. */
static void check_again(const struct loaded *first)
{
    char path[32];
    struct words args = {0}, none = {0};
    struct loaded again = {0};
    int fd = put_file(text_view(&first->printed), path);
    add(&args, VIEW("lb"));
    add(&args, VIEW("--config"));
    add(&args, view_str(path));
    TARGET_CHECK(load(&args, &none, &again));
    bool is_same = view_eq(text_view(&first->printed), text_view(&again.printed)) &&
                   view_eq(text_view(&first->described), text_view(&again.described));
    if (!is_same)
        fprintf(stderr, "==== first:\n%s\n==== again:\n%s\n", text_str(&first->printed),
                text_str(&again.printed));
    TARGET_CHECK(is_same);
    drop_loaded(&again);
    drop(&args);
    close(fd);
}

static void read_words(struct view *rest, struct words *args, struct words *variables)
{
    while (rest->len > 0 && rest->ptr[0] != '{') {
        struct view line = view_cut(rest, '\n');
        if (view_starts_with(line, VIEW("LB_")))
            add(variables, line);
        else
            add(args, line);
    }
}

/* JSON cannot carry what is no UTF-8; those bytes may not come back the same. */
static bool is_ascii(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (data[i] > 0x7E || (data[i] < ' ' && data[i] != '\n'))
            return false;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[32];
    struct words args = {0}, variables = {0};
    struct loaded loaded = {0};
    struct view rest = view_of((const char *)data, size);
    add(&args, VIEW("lb"));
    read_words(&rest, &args, &variables);
    int fd = put_file(rest, path);
    if (rest.len > 0) {
        add(&args, VIEW("--config"));
        add(&args, view_str(path));
    }
    if (load(&args, &variables, &loaded) && is_ascii(data, size))
        check_again(&loaded);
    drop_loaded(&loaded);
    drop(&args);
    drop(&variables);
    close(fd);
    return 0;
}
