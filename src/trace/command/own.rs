//! Whether a command says enough that it was copied.

use crate::detect::MASK;

/// Programs that do what files of the repository say (build tools, package
/// managers, interpreters), words of a shell, and what prepares a folder.
const STARTERS: &str = "\
    ant apk apt apt-get brew bundle bun cargo case cd chmod choco cmake composer cp coverage \
    date deno dnf do done dotnet echo elif else esac exit export false fi for gem git go \
    gradle gradlew if java javac jdk_switcher lerna ls make mkdir msbuild mv mvn mvnw ninja \
    node nosetests npm npx nuget nvm nx php phpunit pip pip3 pnpm poetry popd printf pushd \
    pwd pytest python python2 python3 rake rm ruby rvm sbt set shift sleep source sudo test \
    then time touch tox true turbo uname uv which while whoami yarn yum \
    ";

/// Scripts that every other repository has.
const USUAL: &str = "all build check ci configure install lint main run setup start test tests";

/// Whether a normalised command says something of its own, so that whoever runs
/// the same has copied it.
///
/// `npm ci`, `./build.sh` and `actions/checkout` run everywhere: what they do
/// is told by files, not by the command. So a script says something if one of
/// its commands does more than to start such a program or a file of the
/// repository with plain words: if it starts another program, or takes a
/// variable, a mask, a substitution, a pipe or a file. An action says something if
/// one of its inputs has several words, as a command or a script has; its name
/// and its switches do not.
pub(super) fn says_something(text: &str) -> bool {
    match text.strip_prefix("uses: ") {
        Some(action) => action.lines().skip(2).any(is_phrase),
        None => text.lines().flat_map(parts).any(does_more),
    }
}

/// An input, or a further line of one, that has more than one word.
fn is_phrase(line: &str) -> bool {
    let value = line.split_once(": ").map_or(line, |(_, value)| value);
    value.split(' ').filter(|word| *word != MASK).count() > 1
}

/// The commands of a line.
fn parts(line: &str) -> impl Iterator<Item = &str> {
    let parts = line.split("&&").flat_map(|part| part.split("||"));
    parts.flat_map(|part| part.split(';')).map(str::trim)
}

fn does_more(command: &str) -> bool {
    if command.contains(MASK) || command.contains(['$', '`', '|', '<', '>', '(', '{']) {
        return true;
    }
    let is_setting = |word: &&str| word.contains('=') && !word.starts_with('-');
    let mut words = command
        .split(' ')
        .skip_while(|word| *word == "sudo" || is_setting(word));
    words.next().is_some_and(|program| !starts_others(program))
}

/// Whether a program only starts what a file tells. A script of the repository
/// by a name of its own (`./publish.sh`) is as good as a command: who copies the
/// step copies the script.
fn starts_others(program: &str) -> bool {
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program);
    let stem = name.split_once('.').map_or(name, |(stem, _)| stem);
    matches!(name, "" | "." | ":" | "[" | "[[" | "bash" | "sh")
        || STARTERS.split_whitespace().any(|starter| starter == name)
        || USUAL.split_whitespace().any(|usual| usual == stem)
}
