/// What a search took in with a reason.
struct AlpineAnswer {
  let packages: [AlpinePool.ID]
  let membership: AlpineMembership
  let preference: AlpinePreference
  let search: Search<AlpineRules>

  init(
    _ membership: AlpineMembership, _ preference: AlpinePreference, in search: Search<AlpineRules>
  ) {
    self.membership = membership
    self.preference = preference
    self.search = search
    packages = membership.members.map { search.rules.closure.members[Int($0)].id }
  }
}
