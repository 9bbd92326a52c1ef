/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/inputs.h"

#include "cli/bundle.h"
#include "cli/command.h"
#include "cli/exit.h"
#include "cli/resources.h"
#include "core/mem.h"
#include "core/path.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_FOLDER_DEPTH = 16 };

/* Takes `path`. */
static bool push(struct ml_inputs *inputs, char *path, bool from_folder)
{
    if (path != NULL && inputs->n == inputs->room) {
        size_t room = inputs->room != 0 ? 2 * inputs->room : 16;
        char **paths = ml_mem_resize(inputs->paths, room, sizeof *paths);
        inputs->paths = paths != NULL ? paths : inputs->paths;
        bool *marks = ml_mem_resize(inputs->from_folder, room, sizeof *marks);
        inputs->from_folder = marks != NULL ? marks : inputs->from_folder;
        inputs->room = paths != NULL && marks != NULL ? room : inputs->room;
    }
    if (path == NULL || inputs->n == inputs->room) {
        ml_mem_free(path);
        ml_complain("out of memory");
        return false;
    }
    inputs->from_folder[inputs->n] = from_folder;
    inputs->paths[inputs->n++] = path;
    return true;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static bool add_folder(struct ml_inputs *inputs, const char *folder, unsigned depth)
{
    struct dirent **entries = NULL;
    int n = scandir(folder, &entries, is_visible, by_bytes);
    bool ok = n >= 0;
    if (!ok) {
        ml_complain("%s: %s", folder, strerror(errno));
    }
    bool is_bundle = ml_bundle_is(folder);
    for (int i = 0; i < n; i++) {
        struct stat st;
        bool is_wanted = ok && !(is_bundle && ml_bundle_is_companion(entries[i]->d_name));
        char *path = is_wanted ? ml_path_join(folder, entries[i]->d_name) : NULL;
        ml_mem_free(entries[i]); /* given by scandir */
        if (path == NULL || stat(path, &st) != 0) {
            ml_mem_free(path);
        } else if (S_ISREG(st.st_mode)) {
            ok = push(inputs, path, true);
        } else {
            ok = !S_ISDIR(st.st_mode) || depth == MAX_FOLDER_DEPTH || add_folder(inputs, path, depth + 1);
            ml_mem_free(path);
        }
    }
    ml_mem_free(entries); /* given by scandir */
    return ok;
}

bool ml_inputs_add(struct ml_inputs *inputs, const char *argument)
{
    struct stat st;
    if (strcmp(argument, "-") != 0 && stat(argument, &st) == 0 && S_ISDIR(st.st_mode)) {
        return add_folder(inputs, argument, 0);
    }
    /* Whether a file can be read is found out when it is read: the message is better there. */
    return push(inputs, ml_mem_text(argument, strlen(argument)), false);
}

int ml_inputs_key_logs(struct ml_engine *engine, const struct ml_options *options)
{
    for (size_t i = 0; i < options->n_key_logs; i++) {
        struct ml_error error = {0};
        enum ml_status status = ml_engine_key_log(engine, options->key_logs[i], &error);
        if (status != ML_OK) {
            ml_complain_error(&error);
            return status == ML_NO_MEMORY ? ML_EXIT_INTERNAL : ML_EXIT_INPUT;
        }
    }
    char *path = options->bundle != NULL ? ml_bundle_key_log(options->bundle) : NULL;
    struct ml_error error = {0};
    enum ml_status status = path != NULL ? ml_engine_key_log(engine, path, &error) : ML_OK;
    if (status != ML_OK) {
        ml_complain_error(&error);
    }
    ml_mem_free(path);
    return status == ML_OK ? ML_EXIT_DONE : status == ML_NO_MEMORY ? ML_EXIT_INTERNAL : ML_EXIT_INPUT;
}

void ml_inputs_fini(struct ml_inputs *inputs)
{
    for (size_t i = 0; i < inputs->n; i++) {
        ml_mem_free(inputs->paths[i]);
    }
    ml_mem_free(inputs->paths);
    ml_mem_free(inputs->from_folder);
    *inputs = (struct ml_inputs){0};
}
