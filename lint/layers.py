"""Folders are layers; includes point down only. Which layer may use which is read from CMakeLists.txt."""

import sources

# Above all layers: may include any public header; no layer includes them.
TOPS = {"cli", "tests", "bench"}


def check(root):
    allowed = sources.layers(root)
    problems = []
    for name in sources.files(root, sources.CPP):
        layer = sources.layer_of(name)
        if layer not in allowed and layer not in TOPS:
            if layer != "lab":
                problems.append(f"{name}: the folder '{layer}' is not a layer; declare it in {sources.LAYERS_FILE}")
            continue
        for line, header, quoted in sources.includes(sources.read(root, name)):
            target = sources.layer_of(header)
            if not quoted or target == layer:
                continue
            known = target in allowed or target in TOPS or target == "lab"
            if not known and layer in allowed:
                problems.append(f"{name}:{line}: include \"{header}\" from the root, as \"{layer}/{header}\"")
            elif layer in allowed and target not in allowed[layer]:
                below = ", ".join(sorted(allowed[layer] - {layer})) or "nothing"
                problems.append(f"{name}:{line}: {layer}/ must not include {header}: below {layer}/ lies {below}")
            elif layer == "cli" and target in TOPS | {"lab"}:
                problems.append(f"{name}:{line}: nothing includes {target}/")
    return problems
