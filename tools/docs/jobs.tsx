/** Jobs, of which there are none. */
import type { Page } from './layout.tsx'
import type { Docs } from './model.ts'
import { Example, Frames, methodLink, Section } from './parts.tsx'

export const jobsPage = (docs: Docs): Page => ({
  path: 'jobs.html',
  title: 'Jobs',
  body: (
    <>
      <h1>Jobs</h1>
      <p class="lead">
        On TrueNAS a call that takes long is a job: it is answered by its number, and told of by
        events. This service has no such method yet. Every call is answered when it is done.
      </p>
      <p>
        {methodLink(docs, 'core.get_jobs')} is there for clients that ask, and answers an empty
        list. The event <a href={`${docs.base}events/core.get_jobs.html`}>core.get_jobs</a> can be
        subscribed to, and never comes.
      </p>
      <Example method={docs.methods.find(({ name }) => name === 'core.get_jobs')} />
      <Section id="later" title="If there are jobs one day">
        <p>
          They will be told as on TrueNAS, by notifications <code>collection_update</code> of the
          collection <code>core.get_jobs</code>, so a client that knows those needs no change.
          Methods that wait for a job or abort one are not there: calling them is{' '}
          <code>-32601</code>, “Method does not exist”.
        </p>
        <Frames lines={docs.talk['unknown-method']} />
      </Section>
    </>
  ),
})
