/** Teams whose name has what was typed, whatever the case; by name, those that begin with it first. */
export function matchTeams<Team extends { readonly name: string }>(teams: readonly Team[], typed: string): Team[] {
  const text = typed.trim().toLowerCase();
  const at = (team: Team) => team.name.toLowerCase().indexOf(text);
  const rank = (team: Team) => (at(team) === 0 ? 0 : 1);
  return teams.filter((team) => at(team) >= 0).sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
}
