/* SPDX-License-Identifier: Apache-2.0 */
#include "core/path.h"

#include "core/mem.h"

#include <string.h>

char *ml_path_join(const char *folder, const char *name)
{
    size_t folder_len = strlen(folder);
    size_t name_len = strlen(name);
    while (folder_len != 0 && folder[folder_len - 1] == '/') {
        folder_len--;
    }
    char *path = ml_mem_array(folder_len + name_len + 2, 1);
    if (path != NULL) {
        memcpy(path, folder, folder_len);
        path[folder_len] = '/';
        memcpy(path + folder_len + 1, name, name_len);
    }
    return path;
}

const char *ml_path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}
