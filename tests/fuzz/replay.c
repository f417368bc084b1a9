/* Runs a target over the files and folders that are named, without libFuzzer: this is how the
 * committed inputs are checked by any compiler, in any build. */
#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#include "lb/base/memory.h"
#include "tests/fuzz/support/target.h"

#define INPUT_MAX_BYTES (1024 * 1024)

static unsigned run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(1);
    }
    uint8_t *room = memory_new(INPUT_MAX_BYTES);
    size_t size = fread(room, 1, INPUT_MAX_BYTES, file);
    fclose(file);
    uint8_t *input = memory_resize(NULL, size ? size : 1); /* exact, so that a sanitizer sees */
    memcpy(input, room, size);
    free(room);
    printf("%s\n", path); /* the last one that is named is the one that failed */
    fflush(stdout);
    LLVMFuzzerTestOneInput(input, size);
    free(input);
    return 1;
}

static unsigned run_folder(const char *path)
{
    struct dirent **entries;
    unsigned count = 0;
    int entry_count = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < entry_count; i++) {
        char name[4096];
        snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.')
            count += run_file(name);
        free(entries[i]);
    }
    if (entry_count >= 0)
        free(entries);
    return count;
}

int main(int argc, char **argv)
{
    unsigned count = 0;
    for (int i = 1; i < argc; i++) {
        struct stat info;
        if (stat(argv[i], &info) == 0)
            count += S_ISDIR(info.st_mode) ? run_folder(argv[i]) : run_file(argv[i]);
    }
    printf("%u inputs\n", count);
    return count > 0 ? 0 : 1;
}
