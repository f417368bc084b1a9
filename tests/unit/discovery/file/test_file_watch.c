#include "discovery/file/file_watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/discovery/cmocka_all.h"

#define GOOD(port)                                                                                 \
    "{\"services\":[{\"name\":\"s\",\"endpoints\":[{\"address\":\"::1\",\"port\":" port "}]}]}"

struct scene {
    char folder[64], path[128], other[128];
    void *watch;
    int fd;
    struct set set;
    uint64_t now_ms;
    unsigned trouble_count;
};

static void say(void *owner, enum report_kind kind, const char *text)
{
    struct scene *scene = owner;
    (void)text;
    if (kind == REPORT_TROUBLE)
        scene->trouble_count++;
}

static int open_scene(void **state)
{
    static struct scene scene;
    scene = (struct scene){.now_ms = 1};
    strcpy(scene.folder, "/tmp/lb-file-watch-XXXXXX");
    assert_non_null(mkdtemp(scene.folder));
    snprintf(scene.path, sizeof(scene.path), "%s/services.json", scene.folder);
    snprintf(scene.other, sizeof(scene.other), "%s/new", scene.folder);
    scene.watch = file_watch_source.open(scene.path, NULL,
                                         &(struct report){.owner = &scene, .say = say}, &scene.fd);
    *state = &scene;
    return 0;
}

static int close_scene(void **state)
{
    struct scene *scene = *state;
    file_watch_source.close(scene->watch);
    set_fini(&scene->set);
    unlink(scene->path);
    unlink(scene->other);
    rmdir(scene->folder);
    return 0;
}

static void put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* One tick without time passing (only what the kernel told), or with a second gone by. The port of
 * the one endpoint if something new came, else 0. */
static int tick(struct scene *scene, uint64_t more_ms)
{
    scene->now_ms += more_ms;
    file_watch_source.tick(scene->watch, scene->now_ms);
    if (!file_watch_source.collect(scene->watch, false, &scene->set))
        return 0;
    return scene->set.endpoint_count > 0 ? scene->set.endpoints[0].port : -1;
}

static void test_waits_for_the_file(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(tick(scene, 0), 0);
    assert_int_equal(scene->trouble_count, 1);
    assert_int_equal(tick(scene, 1000), 0);
    assert_int_equal(scene->trouble_count, 1); /* told once */
    put(scene->path, GOOD("1"));
    assert_int_equal(tick(scene, 0), 1);
}

static void test_changes_are_told_by_the_kernel(void **state)
{
    struct scene *scene = *state;
    put(scene->path, GOOD("1"));
    assert_int_equal(tick(scene, 0), 1);
    put(scene->path, GOOD("2")); /* in place, same size, perhaps the same second */
    assert_int_equal(tick(scene, 0), 2);
    put(scene->other, GOOD("3"));
    assert_int_equal(tick(scene, 0), 0);
    assert_int_equal(rename(scene->other, scene->path), 0);
    assert_int_equal(tick(scene, 0), 3);
    assert_int_equal(scene->trouble_count, 0);
}

static void test_a_bad_file_changes_nothing(void **state)
{
    struct scene *scene = *state;
    put(scene->path, GOOD("1"));
    assert_int_equal(tick(scene, 0), 1);
    put(scene->path, "{");
    assert_int_equal(tick(scene, 0), 0);
    assert_int_equal(scene->trouble_count, 1);
    unlink(scene->path);
    assert_int_equal(tick(scene, 0), 0);
    assert_int_equal(scene->trouble_count, 2);
    put(scene->path, GOOD("4"));
    assert_int_equal(tick(scene, 0), 4);
}

/* A link to a file in another folder: only the look at the file itself can find the change. */
static void test_changes_elsewhere_are_found_by_looking(void **state)
{
    struct scene *scene = *state;
    char elsewhere[] = "/tmp/lb-file-watch-elsewhere-XXXXXX";
    int fd = mkstemp(elsewhere);
    assert_true(fd >= 0);
    close(fd);
    put(elsewhere, GOOD("1"));
    assert_int_equal(symlink(elsewhere, scene->path), 0);
    assert_int_equal(tick(scene, 0), 1);
    put(elsewhere, GOOD("55"));
    assert_int_equal(tick(scene, 500), 0);
    assert_int_equal(tick(scene, 1000), 0); /* seen, but perhaps still being written */
    assert_int_equal(tick(scene, 1000), 55);
    unlink(elsewhere);
}

static void test_the_folder_may_come_later(void **state)
{
    struct scene *scene = *state;
    assert_int_equal(rmdir(scene->folder), 0);
    assert_int_equal(tick(scene, 0), 0);
    assert_int_equal(mkdir(scene->folder, 0700), 0);
    put(scene->path, GOOD("1"));
    assert_int_equal(tick(scene, 1000), 0);
    assert_int_equal(tick(scene, 1000), 1);
    put(scene->path, GOOD("2"));
    assert_int_equal(tick(scene, 0), 2); /* watched again */
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, open_scene, close_scene)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_waits_for_the_file),         TEST(test_changes_are_told_by_the_kernel),
        TEST(test_a_bad_file_changes_nothing), TEST(test_changes_elsewhere_are_found_by_looking),
        TEST(test_the_folder_may_come_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
